//! Owns the count of postings that searches of this thread decoded: what pruning is judged by.

#[cfg(feature = "tally")]
use std::cell::Cell;

#[cfg(feature = "tally")]
thread_local! {
    static DECODED: Cell<u64> = const { Cell::new(0) };
}

/// Counts the postings of a decoded block; without the feature `tally` nothing is counted.
#[inline(always)]
pub fn add(postings: usize) {
    #[cfg(feature = "tally")]
    DECODED.set(DECODED.get() + postings as u64);
    #[cfg(not(feature = "tally"))]
    let _ = postings;
}

/// Gives how many postings were decoded since this was asked last.
#[cfg(feature = "tally")]
pub fn take_decoded() -> u64 {
    DECODED.take()
}
