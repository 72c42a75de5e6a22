//! Owns the cursor: a place in the postings of one word in one segment.

use crate::dictionary::WordInfo;
use crate::error::Result;
use crate::packing::BLOCK;
use crate::postings::{Block, Ordinals, Postings, Run, keep_form};
use crate::ranking::{Saturation, points};
use crate::segment::{Lengths, Segment};

use super::plan::Wanted;
use super::window::{FEW, Window};

/// No document: higher than every number.
pub const END: u32 = u32::MAX;

/// A word in a segment and what a document scores by it.
pub struct Cursor<'a> {
    segment: &'a Segment,
    field: usize,
    info: WordInfo,
    postings: Postings<'a>,
    lengths: Lengths<'a>,
    weight: f32,
    saturation: Saturation,
    block: Box<Block>,
    /// The number of the decoded block, `usize::MAX` if none is.
    decoded: usize,
    has_frequencies: bool,
    index: usize,
    /// The positions of the decoded block, once they were asked for, and how many lie before the
    /// document of an index.
    run: Option<(Run<'a>, usize, usize)>,
    /// The indices of the positions in the run, of a form that shares its term with others.
    chosen: Vec<u32>,
}

impl<'a> Cursor<'a> {
    /// Gives a cursor before the first document of a word, if the segment has the word.
    pub fn open(
        segment: &'a Segment,
        wanted: &Wanted,
        weight: f32,
        saturation: Saturation,
    ) -> Result<Option<Self>> {
        let field = wanted.field;
        let Some(info) = segment.dictionary(field, wanted.words)?.find(&wanted.key)? else {
            return Ok(None);
        };
        Ok(Some(Self {
            segment,
            field,
            postings: segment.postings(field, &info)?,
            info,
            lengths: segment.lengths(field)?,
            weight,
            saturation,
            block: Box::default(),
            decoded: usize::MAX,
            has_frequencies: false,
            index: 0,
            run: None,
            chosen: Vec::new(),
        }))
    }

    /// Gives how many documents hold the word.
    pub fn documents(&self) -> u32 {
        self.info.documents
    }

    /// Gives the postings.
    pub fn postings(&self) -> &Postings<'a> {
        &self.postings
    }

    /// Gives the weight of the word.
    pub fn weight(&self) -> f32 {
        self.weight
    }

    /// Gives the decoded block.
    pub fn block(&self) -> &Block {
        &self.block
    }

    /// Decodes the documents of a block; of a form there may be none.
    pub fn load(&mut self, block: usize) -> Result<()> {
        if self.decoded == block {
            return Ok(());
        }
        self.decoded = usize::MAX;
        let decoded = self.postings.decode_documents(block, &mut self.block);
        decoded.ok_or_else(|| self.malformed())?;
        self.decoded = block;
        self.index = 0;
        self.has_frequencies = false;
        self.run = None;
        match self.info.among {
            Some(among) => self.keep_form(among.ordinal),
            None => Ok(()),
        }
    }

    fn keep_form(&mut self, ordinal: u32) -> Result<()> {
        self.load_frequencies()?;
        let count = self.block.frequencies().iter().map(|&frequency| frequency as usize).sum();
        let bytes = self.run_bytes()?;
        let kept = Ordinals::open(bytes, count)
            .and_then(|it| keep_form(&it, ordinal, &mut self.block, &mut self.chosen));
        kept.ok_or_else(|| self.malformed())
    }

    /// Decodes the frequencies of the decoded block.
    pub fn load_frequencies(&mut self) -> Result<()> {
        if !self.has_frequencies {
            let decoded = self.postings.decode_frequencies(self.decoded, &mut self.block);
            decoded.ok_or_else(|| self.malformed())?;
            self.has_frequencies = true;
        }
        Ok(())
    }

    /// Goes to the first document that is not below this one; gives it, or [`END`].
    pub fn seek(&mut self, document: u32) -> Result<u32> {
        // The tail says nothing of its last document but what it holds, and neither does any block
        // of what a form has there.
        let is_within = self.decoded != usize::MAX
            && self.block.documents().last().is_some_and(|&last| document <= last);
        if !is_within && !self.load_from(document)? {
            return Ok(END);
        }
        let documents = self.block.documents();
        let rest = documents.get(self.index..).unwrap_or_default();
        // Seeks go forward; one that goes back begins anew.
        let start =
            if rest.first().is_some_and(|&first| first <= document) { self.index } else { 0 };
        // Most seeks lead to one of the next documents.
        let (mut low, mut step) = (start, 1);
        while documents.get(low + step).is_some_and(|&other| other < document) {
            low += step;
            step *= 2;
        }
        let rest = documents.get(low..documents.len().min(low + step + 1)).unwrap_or_default();
        self.index = low + rest.partition_point(|&other| other < document);
        match documents.get(self.index) {
            Some(&found) => Ok(found),
            None => Ok(END),
        }
    }

    /// Decodes the first block after the decoded one with a document that is not below this one;
    /// tells whether there is one.
    fn load_from(&mut self, document: u32) -> Result<bool> {
        let from = if self.decoded == usize::MAX { 0 } else { self.decoded };
        let mut block = self.postings.block_of(document, from);
        if block == self.decoded {
            block += 1;
        }
        while block < self.postings.block_count() {
            self.load(block)?;
            if self.block.documents().last().is_some_and(|&last| document <= last) {
                return Ok(true);
            }
            block += 1;
        }
        Ok(false)
    }

    /// Gives the score of the document that was sought last.
    pub fn points(&mut self) -> Result<u32> {
        let frequency = self.frequency()?;
        let document = self.block.documents().get(self.index).copied().unwrap_or_default();
        Ok(self.points_of(document, frequency))
    }

    /// Gives the frequency of the word in the document that was sought last.
    pub fn frequency(&mut self) -> Result<u32> {
        self.load_frequencies()?;
        Ok(self.block.frequencies().get(self.index).copied().unwrap_or_default())
    }

    /// Gives the score of a document with this frequency.
    #[inline(always)]
    pub fn points_of(&self, document: u32, frequency: u32) -> u32 {
        points(self.weight, self.saturation.share(frequency, self.lengths.get(document)))
    }

    /// Puts the positions of the document that was sought last into `out`.
    pub fn positions(&mut self, out: &mut Vec<u32>) -> Result<()> {
        out.clear();
        self.load_frequencies()?;
        let (run, index, before) = match self.run {
            Some((run, index, before)) if index <= self.index => (run, index, before),
            Some((run, _, _)) => (run, 0, 0),
            None => (self.open_run()?, 0, 0),
        };
        let frequencies = self.block.frequencies();
        let between = frequencies.get(index..self.index).unwrap_or_default();
        let start = before + between.iter().map(|&frequency| frequency as usize).sum::<usize>();
        self.run = Some((run, self.index, start));
        let count = frequencies.get(self.index).copied().unwrap_or_default() as usize;
        for at in start..start + count {
            let at = match self.info.among {
                Some(_) => self.chosen.get(at).map(|&index| index as usize),
                None => Some(at),
            };
            out.push(at.and_then(|at| run.get(at)).ok_or_else(|| self.malformed())?);
        }
        Ok(())
    }

    fn open_run(&self) -> Result<Run<'a>> {
        Run::open(self.run_bytes()?).ok_or_else(|| self.malformed())
    }

    fn run_bytes(&self) -> Result<&'a [u8]> {
        let length = self.info.positions.end - self.info.positions.start;
        let part = self.postings.run(self.decoded, length).ok_or_else(|| self.malformed())?;
        self.segment.positions_of(self.field, &self.info, part)
    }

    /// Adds the documents of the word to a window, with their scores if `scored`; tells whether
    /// some were left unmarked, having a score.
    pub fn fill(&mut self, window: &mut Window, scored: bool) -> Result<bool> {
        let (base, end) = (window.base(), window.end());
        let from = if self.decoded == usize::MAX { 0 } else { self.decoded };
        let mut block = self.postings.block_of(base, from);
        let mut left_unmarked = false;
        while block < self.postings.block_count() && self.postings.first_possible(block) < end {
            self.load(block)?;
            let documents = self.block.documents();
            let start = documents.partition_point(|&document| document < base);
            let stop = documents.partition_point(|&document| document < end);
            if scored {
                self.load_frequencies()?;
                let documents = self.block.documents().get(start..stop).unwrap_or_default();
                let frequencies = self.block.frequencies().get(start..stop).unwrap_or_default();
                left_unmarked |= self.score(documents, frequencies, window);
            } else {
                window.mark_all(documents.get(start..stop).unwrap_or_default());
            }
            if stop < self.block.length {
                break;
            }
            block += 1;
        }
        Ok(left_unmarked)
    }

    fn score(&self, documents: &[u32], frequencies: &[u32], window: &mut Window) -> bool {
        let mut all = [0_u32; BLOCK];
        self.points_of_all(documents, frequencies, &mut all);
        let pairs = documents.iter().zip(&all);
        if self.weight > 0.0 && documents.len() >= FEW {
            pairs.for_each(|(&document, &points)| window.add_points(document, points));
            return true;
        }
        pairs.for_each(|(&document, &points)| window.add(document, points));
        false
    }

    /// Gives the scores of documents of one block.
    #[inline]
    pub fn points_of_all(&self, documents: &[u32], frequencies: &[u32], out: &mut [u32; BLOCK]) {
        // The lengths first, one by one; then arithmetic that the compiler makes vectors of.
        let pairs = out.iter_mut().zip(documents);
        match self.lengths {
            Lengths::Narrow(lengths) => pairs.for_each(|(slot, &document)| {
                *slot = lengths.get(document as usize).copied().map_or(0, u32::from);
            }),
            lengths => pairs.for_each(|(slot, &document)| *slot = lengths.get(document)),
        }
        let (weight, saturation) = (self.weight, self.saturation);
        for (slot, &frequency) in out.iter_mut().zip(frequencies) {
            *slot = points(weight, saturation.share(frequency, *slot));
        }
    }

    fn malformed(&self) -> crate::error::Error {
        self.segment.malformed_postings(self.field, &self.info)
    }
}
