//! Owns the chunks that a writer has met, and the tokens of each.
//!
//! A chunk of 16 bytes at most is its own key; of a longer one the key is its hash and where its
//! bytes are. One slot takes half a line of the cache, and holds up to three tokens itself; a chunk
//! is sought in both slots of a line first.

use super::pages::Rows;
use super::words::{halves, hash, hash_bytes};

/// Longer chunks are addresses and the like, which do not come back.
pub const MAX_CHUNK_BYTES: usize = 64;

/// As many tokens as a slot holds; of more it says where they are.
const IN_SLOT: usize = 3;

/// What the count of a slot is whose tokens are elsewhere.
const ELSEWHERE: u8 = u8::MAX;

/// Chunks remembered where there is memory, in 64 MB; then all are forgotten, and the frequent ones
/// are back soon.
const MAX_CHUNKS: usize = 3 << 19;

const SLOT_BYTES: usize = 32;

/// The bytes of a chunk, if they are 16 at most, padded with zeros.
#[derive(Clone, Copy, Default)]
pub struct Short {
    pub low: u64,
    pub high: u64,
    pub length: u32,
}

/// A chunk in the table. One without a length is none.
#[derive(Clone, Copy, Default)]
pub struct Slot {
    low: u64,
    high: u64,
    tokens: [u32; IN_SLOT],
    length: u8,
    count: u8,
}

impl Slot {
    #[inline(always)]
    fn read(row: &[u8; SLOT_BYTES]) -> Self {
        let words = row.as_chunks::<4>().0;
        let number = |at: usize| u32::from_le_bytes(words[at]);
        let long = |at: usize| u64::from(number(at)) | u64::from(number(at + 1)) << 32;
        let [length, count, ..] = words[7];
        Self {
            low: long(0),
            high: long(2),
            tokens: [number(4), number(5), number(6)],
            length,
            count,
        }
    }

    fn write(&self, row: &mut [u8; SLOT_BYTES]) {
        row[..8].copy_from_slice(&self.low.to_le_bytes());
        row[8..16].copy_from_slice(&self.high.to_le_bytes());
        for (word, token) in row[16..28].as_chunks_mut::<4>().0.iter_mut().zip(self.tokens) {
            *word = token.to_le_bytes();
        }
        row[28..].copy_from_slice(&[self.length, self.count, 0, 0]);
    }

    #[inline(always)]
    fn is(&self, chunk: &Short) -> bool {
        (self.low == chunk.low)
            & (self.high == chunk.high)
            & (u32::from(self.length) == chunk.length)
    }
}

/// Where a chunk was sought.
pub enum Place {
    /// Its slot.
    Found(Slot),
    /// Where it belongs.
    Missing(usize),
}

/// The chunks met since they were last forgotten.
pub struct ChunkTable {
    slots: Rows<SLOT_BYTES>,
    used: usize,
    most: usize,
    seed: u64,
    long_chunks: Vec<u8>,
    sequences: Vec<u32>,
}

impl ChunkTable {
    /// Gives a table that takes this much memory at most, in bytes, but for what long chunks take.
    pub fn new(seed: u64, most_bytes: usize) -> Self {
        let most = (most_bytes / (2 * SLOT_BYTES)).clamp(1 << 11, MAX_CHUNKS);
        Self {
            slots: Rows::new(1 << 12),
            used: 0,
            most,
            seed,
            long_chunks: Vec::new(),
            sequences: Vec::new(),
        }
    }

    /// Gives how much memory it holds, in bytes.
    pub fn size_bytes(&self) -> usize {
        self.slots.size_bytes() + self.long_chunks.len() + 4 * self.sequences.len()
    }

    /// Gives where a short chunk is sought first, and has the slots there fetched.
    #[inline(always)]
    pub fn fetch(&self, chunk: &Short) -> usize {
        let home = self.home(chunk.low, chunk.high);
        self.slots.fetch(home);
        home
    }

    /// Gives the slot where a chunk is most often, and whether it is there. If the table has grown
    /// since `home` was given, it may be elsewhere.
    #[inline(always)]
    pub fn guess(&self, chunk: &Short, home: usize) -> (Slot, bool) {
        let rows = self.slots.get();
        let (first, second) = (Slot::read(&rows[home]), Slot::read(&rows[home | 1]));
        let is_second = second.is(chunk);
        (if is_second { second } else { first }, is_second | first.is(chunk))
    }

    /// Appends the tokens of a slot.
    #[inline(always)]
    pub fn push(&self, slot: &Slot, tokens: &mut Vec<u32>) {
        match slot.count {
            1 => tokens.push(slot.tokens[0]),
            ELSEWHERE => {
                let [start, count, _] = slot.tokens.map(|number| number as usize);
                tokens.extend_from_slice(&self.sequences[start..start + count]);
            }
            count => tokens.extend_from_slice(&slot.tokens[..usize::from(count)]),
        }
    }

    /// Gives the first slot of the line where a chunk is sought first.
    #[inline(always)]
    fn home(&self, low: u64, high: u64) -> usize {
        hash(low ^ self.seed, high) as usize & (self.slots.len() - 2)
    }

    /// Finds a chunk of `MAX_CHUNK_BYTES` at most.
    pub fn find(&self, chunk: &[u8]) -> Place {
        match short(chunk) {
            Some(short) => self.find_short(&short),
            None => self.find_long(chunk),
        }
    }

    /// Finds a short chunk.
    pub fn find_short(&self, chunk: &Short) -> Place {
        self.seek(self.home(chunk.low, chunk.high), |slot| slot.is(chunk))
    }

    fn find_long(&self, chunk: &[u8]) -> Place {
        let key = hash_bytes(chunk, self.seed);
        self.seek(self.home(key, 0), |slot| {
            let start = slot.high as usize;
            slot.low == key
                && usize::from(slot.length) == chunk.len()
                && self.long_chunks.get(start..start + chunk.len()) == Some(chunk)
        })
    }

    fn seek(&self, home: usize, is_sought: impl Fn(&Slot) -> bool) -> Place {
        let mut at = home;
        loop {
            let slot = Slot::read(&self.slots.get()[at]);
            if slot.length == 0 {
                return Place::Missing(at);
            }
            if is_sought(&slot) {
                return Place::Found(slot);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    /// Puts a chunk into the place where it was missing.
    pub fn insert(&mut self, at: usize, chunk: &[u8], tokens: &[u32]) {
        let key = short(chunk).map_or_else(
            || {
                self.long_chunks.extend_from_slice(chunk);
                let start = self.long_chunks.len() - chunk.len();
                (hash_bytes(chunk, self.seed), start as u64)
            },
            |short| (short.low, short.high),
        );
        let mut slot = Slot { low: key.0, high: key.1, ..Slot::default() };
        slot.length = chunk.len() as u8;
        if let Some(room) = slot.tokens.get_mut(..tokens.len()) {
            room.copy_from_slice(tokens);
            slot.count = tokens.len() as u8;
        } else {
            slot.tokens = [self.sequences.len() as u32, tokens.len() as u32, 0];
            slot.count = ELSEWHERE;
            self.sequences.extend_from_slice(tokens);
        }
        slot.write(&mut self.slots.get_mut()[at]);
        self.used += 1;
        if self.used * 4 > self.slots.len() * 3 {
            self.grow();
        }
    }

    /// Tells whether it is time to forget the chunks.
    pub fn is_full(&self) -> bool {
        self.used >= self.most || self.sequences.len() >= 4 * MAX_CHUNKS
    }

    /// Forgets the chunks.
    pub fn clear(&mut self) {
        self.slots.get_mut().fill([0; SLOT_BYTES]);
        self.used = 0;
        self.long_chunks.clear();
        self.sequences.clear();
    }

    fn grow(&mut self) {
        let doubled = Rows::new(self.slots.len() * 2);
        let before = std::mem::replace(&mut self.slots, doubled);
        for row in before.get() {
            let slot = Slot::read(row);
            if slot.length == 0 {
                continue;
            }
            let is_short = usize::from(slot.length) <= 16;
            let home = self.home(slot.low, if is_short { slot.high } else { 0 });
            if let Place::Missing(at) = self.seek(home, |_| false) {
                self.slots.get_mut()[at] = *row;
            }
        }
    }
}

fn short(chunk: &[u8]) -> Option<Short> {
    let mut padded = [0; 16];
    padded.get_mut(..chunk.len())?.copy_from_slice(chunk);
    let (low, high) = halves(&padded);
    Some(Short { low, high, length: chunk.len() as u32 })
}
