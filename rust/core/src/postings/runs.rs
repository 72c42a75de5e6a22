//! Owns the reading of runs: the positions of a block, and which forms stand there.

#![deny(clippy::indexing_slicing)]

/// At position 0 stand few words of a block; more would be memory that no bytes account for.
const MOST_WITHOUT_BITS: usize = 1 << 16;

/// Numbers of so many bits, one after the other.
#[derive(Clone, Copy)]
struct Packed<'a> {
    width: u32,
    bytes: &'a [u8],
}

impl Packed<'_> {
    /// Gives the number at an index.
    #[inline]
    fn get(&self, index: usize) -> Option<u32> {
        let bit = index * self.width as usize;
        let word = self.word_at(bit, self.width as usize)?;
        Some((word & ((1 << self.width) - 1)) as u32)
    }

    /// Gives the bits from one on, so many at least, at most 57.
    #[inline]
    fn word_at(&self, bit: usize, bits: usize) -> Option<u64> {
        let bytes = self.bytes.get(bit / 8..)?;
        let word = match bytes.first_chunk::<8>() {
            Some(chunk) => u64::from_le_bytes(*chunk),
            None => {
                if (bit + bits).div_ceil(8) > self.bytes.len() {
                    return None;
                }
                bytes.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte))
            }
        };
        Some(word >> (bit % 8))
    }

    /// Gives how many of so many numbers from an index on are this one.
    #[inline]
    fn count(&self, start: usize, length: usize, wanted: u32) -> Option<u32> {
        let (width, mask) = (self.width as usize, (1_u64 << self.width) - 1);
        let at_once = 57 / width.max(1);
        let (mut found, mut at) = (0, start);
        while at < start + length {
            let now = (start + length - at).min(at_once);
            let mut word = self.word_at(at * width, now * width)?;
            for _ in 0..now {
                found += u32::from(word & mask == u64::from(wanted));
                word >>= width;
            }
            at += now;
        }
        Some(found)
    }

    /// Tells whether there are so many numbers.
    fn has(&self, count: usize) -> bool {
        let fits = count.checked_mul(self.width as usize);
        fits.is_some_and(|bits| bits <= self.bytes.len() * 8)
            && (self.width > 0 || count <= MOST_WITHOUT_BITS)
    }
}

/// How positions of one width are looked at several at a time.
#[derive(Clone, Copy)]
struct Lanes {
    /// How many there are together: as many as fit into 57 bits, which eight bytes hold from any
    /// bit of the first on.
    count: usize,
    /// The lowest bit of each.
    lowest: u64,
    /// All bits of each but the highest.
    lower: u64,
}

impl Lanes {
    /// Tells whether a number is in a lane of which these are the bits.
    #[inline]
    fn has(&self, word: u64, wanted: u32, own: u64) -> bool {
        // Where a lane holds the wanted number no bit is left of it; of all others the highest bit
        // is set, by a carry out of the lower ones or from the start.
        let left = word ^ self.lowest.wrapping_mul(u64::from(wanted));
        let others = ((left & self.lower) + self.lower) | left;
        !others & (self.lower + self.lowest) & own != 0
    }

    const fn of(width: u32) -> Self {
        let mut lanes = Self { count: 0, lowest: 0, lower: 0 };
        let mut bit = 0;
        while width > 0 && bit + width <= 57 {
            lanes.count += 1;
            lanes.lowest |= 1 << bit;
            lanes.lower |= ((1 << (width - 1)) - 1) << bit;
            bit += width;
        }
        lanes
    }
}

/// Those of each width.
static LANES: [Lanes; 33] = {
    let mut all = [Lanes::of(0); 33];
    let (mut width, mut rest) = (0, all.as_mut_slice());
    while let Some((lanes, others)) = rest.split_first_mut() {
        *lanes = Lanes::of(width);
        width += 1;
        rest = others;
    }
    all
};

/// The positions of a block.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    packed: Packed<'a>,
    lanes: &'static Lanes,
}

impl<'a> Run<'a> {
    /// Opens the bytes that [`Postings::run`] speaks of.
    #[inline]
    pub fn open(bytes: &'a [u8]) -> Option<Self> {
        let (&width, bytes) = bytes.split_first()?;
        let lanes = LANES.get(usize::from(width))?;
        Some(Self { packed: Packed { width: u32::from(width), bytes }, lanes })
    }

    /// Gives some bits of the position at an index, so that these bytes are near when they are
    /// needed.
    #[inline]
    pub fn touch(&self, index: usize) -> u8 {
        let byte = index * self.packed.width as usize / 8;
        self.packed.bytes.get(byte).copied().unwrap_or_default()
    }

    /// Tells whether there are so many positions.
    pub fn has(&self, count: usize) -> bool {
        self.packed.has(count)
    }

    /// Gives the position at an index, counted over all documents of the block.
    #[inline]
    pub fn get(&self, index: usize) -> Option<u32> {
        self.packed.get(index)
    }

    /// Gives a bit for each of some beginnings, 64 at most: whether a position is at a distance
    /// from it, among so many positions from an index on.
    #[inline]
    pub fn followed(
        &self,
        start: usize,
        count: usize,
        beginnings: &[u32],
        distance: u32,
    ) -> Option<u64> {
        let (width, end) = (self.packed.width, start + count);
        if !self.packed.has(end) {
            return None;
        }
        let (mut found, mut index) = (0, start);
        while index < end {
            // Positions without bits are 0, all of them.
            let count = if width == 0 { end - index } else { self.lanes.count.min(end - index) };
            let word = self.packed.word_at(index * width as usize, width as usize)?;
            let own = (1_u64 << (count as u32 * width)) - 1;
            for (at, &beginning) in beginnings.iter().enumerate() {
                let wanted = beginning.saturating_add(distance);
                let is_held = self.lanes.has(word, wanted, own) | (width == 0);
                let is_possible = u64::from(wanted) >> width == 0;
                found |= u64::from(is_held & is_possible) << (at % 64);
            }
            index += count;
        }
        Some(found)
    }

    /// Puts so many positions from an index on into `out`.
    pub fn get_all(&self, start: usize, count: usize, out: &mut Vec<u32>) -> Option<()> {
        out.clear();
        if !self.packed.has(start.checked_add(count)?) {
            return None;
        }
        let (width, end) = (self.packed.width as usize, start + count);
        let (mask, mut index) = ((1_u64 << width) - 1, start);
        while index < end {
            let count = if width == 0 { end - index } else { self.lanes.count.min(end - index) };
            let word = self.packed.word_at(index * width, width)?;
            out.extend((0..count).map(|at| (word >> (at * width) & mask) as u32));
            index += count;
        }
        Some(())
    }
}

/// Which of a term's forms stands at each position of a block.
#[derive(Clone, Copy)]
pub struct Ordinals<'a>(Packed<'a>);

impl<'a> Ordinals<'a> {
    /// Opens the bytes that [`Postings::run`] speaks of, of a block with so many positions, of a
    /// term that has several forms.
    pub fn open(bytes: &'a [u8], count: usize) -> Option<Self> {
        if !Run::open(bytes)?.packed.has(count) {
            return None;
        }
        let (&width, rest) = bytes.split_last()?;
        let length = count.checked_mul(usize::from(width))?.div_ceil(8);
        let bytes = rest.get(rest.len().checked_sub(length)?..)?;
        (width <= 32).then_some(Self(Packed { width: u32::from(width), bytes }))
    }

    /// Gives at how many of so many positions, from the one of an index on, a form stands.
    #[inline]
    pub fn count(&self, start: usize, length: usize, ordinal: u32) -> Option<u32> {
        self.0.count(start, length, ordinal)
    }

    /// Gives the ordinal at the index of a position.
    #[inline]
    pub fn get(&self, index: usize) -> Option<u32> {
        self.0.get(index)
    }
}
