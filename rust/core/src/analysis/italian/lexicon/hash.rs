// The hash of the lexicon's tables: build.rs makes them by it, and `lexicon` looks words up by it.
// It grows with the word byte by byte, so that those of all its beginnings come at once.

/// The hash of an empty word.
pub const SEED: u64 = 0xcbf2_9ce4_8422_2325;

/// Gives the hash of a word and one byte more.
#[inline]
pub fn grow(hash: u64, byte: u8) -> u64 {
    (hash ^ byte as u64).wrapping_mul(0x0100_0000_01b3)
}

/// Gives the hash of a word.
#[inline]
pub fn hash(word: &str) -> u64 {
    word.bytes().fold(SEED, grow)
}

/// Gives the first slot of a word in a table of so many slots, a power of two.
#[inline]
pub fn slot(hash: u64, slots: usize) -> usize {
    (hash ^ hash >> 32) as usize & (slots - 1)
}

/// Gives what a slot tells of a word, at its top, beside its place: another has the same seldom.
#[inline]
pub fn tag(hash: u64) -> u32 {
    (hash >> 44) as u32 & !PLACE
}

/// The bits of a slot that are the place.
pub const PLACE: u32 = (1 << 20) - 1;

/// The class of exceptions: their forms are whole.
pub const EXCEPTION: u16 = 0x7fff;

/// Set in the class of a reading after which its whole term follows.
pub const WHOLE: u16 = 0x8000;
