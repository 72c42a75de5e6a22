//! Owns large tables that are read at random: rows of bytes, in pages of 2 MB where the system has
//! them. In pages of 4 KB most such reads also wait for the page to be found.

#![allow(unsafe_code)]

use memmap2::MmapMut;

/// Rows of `N` bytes, all zero at first.
pub struct Rows<const N: usize> {
    memory: Memory,
    count: usize,
}

enum Memory {
    Mapped(MmapMut),
    Owned(Vec<u8>),
}

/// Less memory than this would waste most of a large page.
const FEWEST_MAPPED_BYTES: usize = 4 << 20;

impl<const N: usize> Rows<N> {
    /// Gives so many rows.
    pub fn new(count: usize) -> Self {
        let bytes = count * N;
        let mapped =
            (bytes >= FEWEST_MAPPED_BYTES).then(|| MmapMut::map_anon(bytes).ok()).flatten();
        let memory = mapped.map_or_else(|| Memory::Owned(vec![0; bytes]), Memory::Mapped);
        #[cfg(target_os = "linux")]
        if let Memory::Mapped(map) = &memory {
            // Without large pages it is slower, not wrong.
            let _ = map.advise(memmap2::Advice::HugePage);
        }
        Self { memory, count }
    }

    /// Gives how many rows there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Gives how much memory they take, in bytes.
    pub fn size_bytes(&self) -> usize {
        self.count * N
    }

    /// Gives the rows.
    #[inline(always)]
    pub fn get(&self) -> &[[u8; N]] {
        match &self.memory {
            Memory::Mapped(map) => map.as_chunks().0,
            Memory::Owned(bytes) => bytes.as_chunks().0,
        }
    }

    /// Has a row, if there is one, brought into the cache, and does not wait for it.
    #[inline(always)]
    pub fn fetch(&self, at: usize) {
        let Some(row) = self.get().get(at) else { return };
        #[cfg(target_arch = "x86_64")]
        // SAFETY: every processor of this architecture has the instruction, which changes nothing
        // but the cache, and the row is there.
        unsafe {
            use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            _mm_prefetch::<_MM_HINT_T0>(row.as_ptr().cast());
        }
        // Elsewhere a read that nothing depends on does nearly as well.
        #[cfg(not(target_arch = "x86_64"))]
        std::hint::black_box(row.first());
    }

    /// Gives the rows, to be changed.
    #[inline(always)]
    pub fn get_mut(&mut self) -> &mut [[u8; N]] {
        match &mut self.memory {
            Memory::Mapped(map) => map.as_chunks_mut().0,
            Memory::Owned(bytes) => bytes.as_chunks_mut().0,
        }
    }
}
