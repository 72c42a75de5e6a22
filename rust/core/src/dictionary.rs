//! Owns the sorted dictionaries of a text field: words, and where their postings are.
//!
//! ```text
//! keys      = block*                               16 entries a block, the last may have fewer
//! block     = postings:varint? entry*              of terms: where those of its first entry begin
//! entry     = shared:varint suffix:text info       shared bytes with the key before, 0 at first
//! info      = of_term | of_form
//! of_term   = documents:varint more:varint         more: occurrences beyond one a document
//!             postings_length:varint positions_length:varint
//! of_form   = step·2+among:varint                  from the term of the entry before, 0 at first,
//!             (ordinal:varint documents:varint more:varint)?     to its own, zigzag; if among
//! top       = entries:u64 prefix:u64* offset:u64*  of each block: the first 8 bytes of its first
//!                                                  key, big-endian, and where it begins
//! ```
//!
//! Keys are bytes and sorted as bytes. What belongs to terms follows in the order of their keys:
//! the postings of one, its positions, the postings of the next. A form says the number of its
//! term; if it is *among* several of one term, also which of them it is and its own counts.

#![deny(clippy::indexing_slicing)]

use std::ops::Range;

use crate::bytes::{Reader, put_varint, u64_at};
use crate::container::{Container, ContainerWriter, SectionKey};
use crate::error::{Error, Result};

/// A look-up decodes one block: about 100 ns.
const BLOCK_ENTRIES: u64 = 16;

/// What the dictionaries know of a word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WordInfo {
    /// How many documents hold it.
    pub documents: u32,
    /// How often all of them together do.
    pub occurrences: u64,
    /// The postings of its term, within their section.
    pub postings: Range<u64>,
    /// The positions of its term, within the same section.
    pub positions: Range<u64>,
    /// Which part of these are its own, where it is a form that shares its term with others.
    pub among: Option<Among>,
}

impl WordInfo {
    /// Gives how many documents the postings are of.
    pub fn listed_documents(&self) -> u32 {
        self.among.map_or(self.documents, |among| among.term_documents)
    }
}

/// A form among those of one term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Among {
    /// How many documents hold the term.
    pub term_documents: u32,
    /// How often all of them together do.
    pub term_occurrences: u64,
    /// Which of the forms it is: what stands for it among the term's positions.
    pub ordinal: u32,
}

/// What the dictionary of forms says of one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FormInfo {
    /// The number of its term in the dictionary of terms.
    pub term: u32,
    /// What there is to say where the term has other forms.
    pub shared: Option<FormShare>,
}

/// The part that a form has in the postings of its term.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FormShare {
    /// Which of the term's forms it is.
    pub ordinal: u32,
    /// How many documents hold the form.
    pub documents: u32,
    /// How often all of them together do.
    pub occurrences: u64,
}

/// Collects the keys of a dictionary, in order, and what is appended to each.
#[derive(Default)]
struct KeyWriter {
    keys: Vec<u8>,
    prefixes: Vec<u64>,
    offsets: Vec<u64>,
    entries: u64,
    last_key: Vec<u8>,
}

impl KeyWriter {
    /// Begins an entry; what `at_block` appends goes before the first of a block.
    fn add(&mut self, key: &[u8], at_block: impl FnOnce(&mut Vec<u8>)) {
        debug_assert!(self.entries == 0 || self.last_key.as_slice() < key);
        let mut shared = 0;
        if self.entries.is_multiple_of(BLOCK_ENTRIES) {
            self.prefixes.push(prefix(key));
            self.offsets.push(self.keys.len() as u64);
            at_block(&mut self.keys);
        } else {
            shared = self.last_key.iter().zip(key).take_while(|(a, b)| a == b).count();
        }
        let suffix = key.get(shared..).unwrap_or_default();
        put_varint(&mut self.keys, shared as u64);
        put_varint(&mut self.keys, suffix.len() as u64);
        self.keys.extend_from_slice(suffix);
        self.entries += 1;
        self.last_key.truncate(shared);
        self.last_key.extend_from_slice(suffix);
    }

    fn finish(self, file: &mut ContainerWriter, sections: &DictionarySections) -> Result<()> {
        file.begin(sections.keys)?;
        file.write(&self.keys)?;
        file.begin(sections.top)?;
        file.write(&self.entries.to_le_bytes())?;
        for number in self.prefixes.iter().chain(&self.offsets) {
            file.write(&number.to_le_bytes())?;
        }
        Ok(())
    }
}

/// Collects the entries of a dictionary of terms, in order, and writes them.
#[derive(Default)]
pub struct TermWriter {
    keys: KeyWriter,
    postings: u64,
}

impl TermWriter {
    /// Appends a term with the lengths of its postings and positions; gives its number.
    pub fn add(
        &mut self,
        key: &[u8],
        documents: u32,
        occurrences: u64,
        (postings, positions): (u64, u64),
    ) -> u32 {
        let number = self.keys.entries as u32;
        let start = self.postings;
        self.keys.add(key, |out| put_varint(out, start));
        let out = &mut self.keys.keys;
        put_varint(out, u64::from(documents));
        put_varint(out, occurrences - u64::from(documents));
        put_varint(out, postings);
        put_varint(out, positions);
        self.postings += postings + positions;
        number
    }

    /// Writes the two sections.
    pub fn finish(self, file: &mut ContainerWriter, sections: &DictionarySections) -> Result<()> {
        self.keys.finish(file, sections)
    }
}

/// Collects the entries of a dictionary of forms, in order, and writes them.
#[derive(Default)]
pub struct FormWriter {
    keys: KeyWriter,
    last_term: u32,
}

impl FormWriter {
    /// Appends a form.
    pub fn add(&mut self, key: &[u8], info: &FormInfo) {
        let last_term = &mut self.last_term;
        self.keys.add(key, |_| *last_term = 0);
        let step = i64::from(info.term) - i64::from(*last_term);
        *last_term = info.term;
        let zigzag = (step << 1 ^ step >> 63) as u64;
        let out = &mut self.keys.keys;
        put_varint(out, zigzag << 1 | u64::from(info.shared.is_some()));
        if let Some(share) = info.shared {
            put_varint(out, u64::from(share.ordinal));
            put_varint(out, u64::from(share.documents));
            put_varint(out, share.occurrences - u64::from(share.documents));
        }
    }

    /// Writes the two sections.
    pub fn finish(self, file: &mut ContainerWriter, sections: &DictionarySections) -> Result<()> {
        self.keys.finish(file, sections)
    }
}

/// Where a dictionary is.
#[derive(Clone, Copy, Debug)]
pub struct DictionarySections {
    /// Its blocks.
    pub keys: SectionKey,
    /// What finds a block.
    pub top: SectionKey,
}

/// The bytes of one dictionary.
#[derive(Clone, Copy)]
struct Table<'a> {
    container: &'a Container,
    sections: DictionarySections,
    has_forms: bool,
    entries: u64,
    prefixes: &'a [u8],
    offsets: &'a [u8],
    keys_length: u64,
}

impl<'a> Table<'a> {
    fn open(
        container: &'a Container,
        sections: DictionarySections,
        has_forms: bool,
    ) -> Result<Self> {
        let top = container.section(sections.top)?;
        let keys_length = container.length(sections.keys)?;
        let damaged = || container.damaged(sections.top, 0, "the top of a dictionary is cut");
        let entries = u64_at(top, 0).ok_or_else(damaged)?;
        let (_, arrays) = top.split_at_checked(8).ok_or_else(damaged)?;
        if arrays.len() as u64 / 16 != entries.div_ceil(BLOCK_ENTRIES) || arrays.len() % 16 != 0 {
            return Err(damaged());
        }
        let (prefixes, offsets) = arrays.split_at(arrays.len() / 2);
        Ok(Self { container, sections, has_forms, entries, prefixes, offsets, keys_length })
    }

    /// Gives the last block whose first key is not above this one.
    fn block_of(&self, key: &[u8]) -> Result<usize> {
        let wanted = prefix(key);
        let blocks = self.prefixes.as_chunks::<8>().0;
        let below = blocks.partition_point(|bytes| u64::from_le_bytes(*bytes) < wanted);
        let rest = blocks.get(below..).unwrap_or_default();
        // Few keys begin a block and share their first letters with that of another.
        let is_equal = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes) == wanted;
        let equal =
            if rest.first().is_some_and(is_equal) { rest.partition_point(is_equal) } else { 0 };
        let (mut low, mut high) = (below, below + equal);
        while low < high {
            let middle = low.midpoint(high);
            if self.block(middle)?.next()?.is_some_and(|first| first <= key) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low.saturating_sub(1))
    }

    fn block(&self, block: usize) -> Result<Entries<'a>> {
        let mut entries = Entries {
            table: *self,
            block,
            left: 0,
            reader: Reader::new(&[]),
            key: Vec::with_capacity(32),
            info: WordInfo::default(),
            form: FormInfo::default(),
            next: 0,
        };
        entries.load()?;
        Ok(entries)
    }

    fn from(&self, key: &[u8]) -> Result<Entries<'a>> {
        let mut entries = self.block(self.block_of(key)?)?;
        loop {
            let before = entries.clone_place();
            match entries.next()? {
                Some(found) if found < key => {}
                _ => {
                    entries.restore(before);
                    return Ok(entries);
                }
            }
        }
    }

    fn find(&self, key: &[u8]) -> Result<Option<Entries<'a>>> {
        let mut entries = self.block(self.block_of(key)?)?;
        loop {
            match entries.next()? {
                Some(found) if found < key => {}
                found => return Ok((found == Some(key)).then_some(entries)),
            }
        }
    }
}

/// Reads a dictionary.
#[derive(Clone, Copy)]
pub struct Dictionary<'a> {
    table: Table<'a>,
    /// The dictionary that forms refer to, where this is one of forms.
    terms: Option<Table<'a>>,
}

impl<'a> Dictionary<'a> {
    /// Opens a dictionary of terms, checking that its parts fit together.
    pub fn of_terms(container: &'a Container, sections: DictionarySections) -> Result<Self> {
        Ok(Self { table: Table::open(container, sections, false)?, terms: None })
    }

    /// Opens a dictionary of forms and that of their terms.
    pub fn of_forms(
        container: &'a Container,
        sections: DictionarySections,
        of_terms: DictionarySections,
    ) -> Result<Self> {
        let terms = Some(Table::open(container, of_terms, false)?);
        Ok(Self { table: Table::open(container, sections, true)?, terms })
    }

    /// Gives how many entries there are.
    pub fn len(&self) -> u64 {
        self.table.entries
    }

    /// Tells whether there are none.
    pub fn is_empty(&self) -> bool {
        self.table.entries == 0
    }

    /// Gives what is known of a key, or nothing.
    pub fn find(&self, key: &[u8]) -> Result<Option<WordInfo>> {
        let Some(entries) = self.table.find(key)? else { return Ok(None) };
        if self.terms.is_none() {
            return Ok(Some(entries.info));
        }
        Ok(self.locate(vec![entries.form])?.pop())
    }

    /// Gives what is known of forms by what their entries say, each once, in the order of their
    /// terms; nothing in a dictionary of terms.
    pub fn locate(&self, mut forms: Vec<FormInfo>) -> Result<Vec<WordInfo>> {
        let Some(terms) = &self.terms else { return Ok(Vec::new()) };
        let place = |form: &FormInfo| (form.term, form.shared.map(|share| share.ordinal));
        forms.sort_unstable_by_key(place);
        forms.dedup_by_key(|form| place(form));
        let mut found = Vec::with_capacity(forms.len());
        let mut of_terms: Option<Entries<'_>> = None;
        // How many terms lie before the one that is read next.
        let mut next = 0;
        for form in forms {
            let term = u64::from(form.term);
            let is_near = next <= term + 1 && term < next + BLOCK_ENTRIES;
            let entries = match of_terms.take().filter(|_| is_near) {
                Some(entries) => of_terms.insert(entries),
                None => {
                    next = term - term % BLOCK_ENTRIES;
                    of_terms.insert(terms.block((term / BLOCK_ENTRIES) as usize)?)
                }
            };
            while next <= term {
                entries.next()?.ok_or_else(|| self.damaged())?;
                next += 1;
            }
            found.push(self.part_of(form, entries.info())?);
        }
        Ok(found)
    }

    fn part_of(&self, form: FormInfo, term: &WordInfo) -> Result<WordInfo> {
        let Some(FormShare { ordinal, documents, occurrences }) = form.shared else {
            return Ok(term.clone());
        };
        if documents > term.documents || occurrences > term.occurrences {
            return Err(self.damaged());
        }
        let (term_documents, term_occurrences) = (term.documents, term.occurrences);
        let among = Some(Among { term_documents, term_occurrences, ordinal });
        Ok(WordInfo { documents, occurrences, among, ..term.clone() })
    }

    /// Gives the entries from the first that is not below a key on.
    pub fn from(&self, key: &[u8]) -> Result<Entries<'a>> {
        self.table.from(key)
    }

    /// Gives all entries.
    pub fn iter(&self) -> Result<Entries<'a>> {
        self.table.block(0)
    }

    fn damaged(&self) -> Error {
        let Table { container, sections, .. } = self.table;
        container.damaged(sections.keys, 0, "a form is held more often than its term")
    }
}

/// Entries of a dictionary, in order.
pub struct Entries<'a> {
    table: Table<'a>,
    block: usize,
    left: u64,
    reader: Reader<'a>,
    key: Vec<u8>,
    info: WordInfo,
    form: FormInfo,
    /// Where the postings of the next term begin.
    next: u64,
}

/// A place among the entries that one can come back to.
struct Place<'a> {
    left: u64,
    block: usize,
    reader: Reader<'a>,
    key: Vec<u8>,
    form: FormInfo,
    next: u64,
}

impl<'a> Entries<'a> {
    /// Gives the key of the next entry, if there is one; [`Self::info`] or [`Self::form`] speaks
    /// of it then.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Option<&[u8]>> {
        if self.left == 0 {
            if self.reader.remaining() > 0 {
                return Err(self.damaged());
            }
            self.block += 1;
            self.load()?;
            if self.left == 0 {
                return Ok(None);
            }
        }
        if self.read().is_none() {
            return Err(self.damaged());
        }
        self.left -= 1;
        Ok(Some(&self.key))
    }

    /// Gives the key that `next` gave last.
    pub fn key(&self) -> &[u8] {
        &self.key
    }

    /// Gives what is known of the term that `next` gave last.
    pub fn info(&self) -> &WordInfo {
        &self.info
    }

    /// Gives what is known of the form that `next` gave last.
    pub fn form(&self) -> &FormInfo {
        &self.form
    }

    fn clone_place(&self) -> Place<'a> {
        let Self { left, block, next, form, .. } = *self;
        Place { left, block, reader: self.reader.clone(), key: self.key.clone(), form, next }
    }

    fn restore(&mut self, place: Place<'a>) {
        let Place { left, block, reader, key, form, next } = place;
        (self.left, self.block, self.reader, self.key, self.form, self.next) =
            (left, block, reader, key, form, next);
    }

    /// Goes to the start of the current block, or to none beyond the last.
    fn load(&mut self) -> Result<()> {
        let table = &self.table;
        let before = self.block as u64 * BLOCK_ENTRIES;
        self.left = table.entries.saturating_sub(before).min(BLOCK_ENTRIES);
        self.reader = Reader::new(&[]);
        if self.left == 0 {
            return Ok(());
        }
        let start = u64_at(table.offsets, self.block).unwrap_or(table.keys_length);
        let end = u64_at(table.offsets, self.block + 1).unwrap_or(table.keys_length);
        self.reader = Reader::new(table.container.slice(table.sections.keys, start..end)?);
        self.key.clear();
        self.form.term = 0;
        if !table.has_forms {
            self.next = self.reader.varint().ok_or_else(|| self.damaged())?;
        }
        Ok(())
    }

    fn read(&mut self) -> Option<()> {
        let reader = &mut self.reader;
        let shared = usize::try_from(reader.varint()?).ok()?;
        if shared > self.key.len() {
            return None;
        }
        let length = reader.count()?;
        let suffix = reader.take(length)?;
        self.key.truncate(shared);
        self.key.extend_from_slice(suffix);
        if self.table.has_forms {
            self.form = read_form(reader, self.form.term)?;
        } else {
            let documents = reader.varint_u32()?;
            let occurrences = reader.varint()?.checked_add(u64::from(documents))?;
            let postings = self.next..self.next.checked_add(reader.varint()?)?;
            let positions = postings.end..postings.end.checked_add(reader.varint()?)?;
            self.next = positions.end;
            self.info = WordInfo { documents, occurrences, postings, positions, among: None };
        }
        Some(())
    }

    fn damaged(&self) -> Error {
        let offset = u64_at(self.table.offsets, self.block).unwrap_or_default();
        let keys = self.table.sections.keys;
        self.table.container.damaged(keys, offset, "a block of a dictionary is malformed")
    }
}

fn read_form(reader: &mut Reader<'_>, last_term: u32) -> Option<FormInfo> {
    let first = reader.varint()?;
    let zigzag = first >> 1;
    let step = (zigzag >> 1) as i64 ^ -((zigzag & 1) as i64);
    let term = u32::try_from(i64::from(last_term).checked_add(step)?).ok()?;
    if first & 1 == 0 {
        return Some(FormInfo { term, shared: None });
    }
    let ordinal = reader.varint_u32()?;
    let documents = reader.varint_u32()?;
    let occurrences = reader.varint()?.checked_add(u64::from(documents))?;
    Some(FormInfo { term, shared: Some(FormShare { ordinal, documents, occurrences }) })
}

/// Gives the first eight bytes as a number that sorts as they do.
fn prefix(key: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    for (byte, of_key) in bytes.iter_mut().zip(key) {
        *byte = *of_key;
    }
    u64::from_be_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::{FileKind, Identity};
    use crate::storage::{MemoryStorage, Storage};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    const IDENTITY: Identity = Identity { kind: FileKind::Segment, index: 1, file: 2 };
    const SECTIONS: DictionarySections = DictionarySections {
        keys: SectionKey { kind: 1, field: 0 },
        top: SectionKey { kind: 2, field: 0 },
    };

    const FORMS: DictionarySections = DictionarySections {
        keys: SectionKey { kind: 3, field: 0 },
        top: SectionKey { kind: 4, field: 0 },
    };

    /// A term: documents, occurrences beyond one a document, bytes of postings; its forms: the
    /// letter each begins with, its documents.
    type Entry = (u32, u64, u64, Vec<(char, u32)>);

    fn entries() -> impl Strategy<Value = BTreeMap<String, Entry>> {
        let forms = proptest::collection::vec((proptest::char::range('a', 'e'), 1u32..9), 1..4);
        let entry = (9u32..20, 20u64..90, 0u64..900, forms);
        proptest::collection::btree_map("[a-cà]{0,12}", entry, 0..80)
    }

    proptest! {
        /// Every key is found with its info, none other is, and a scan from any key gives the
        /// keys that are not below it, in order; a form is found with the postings of its term.
        #[test]
        fn a_dictionary_is_a_sorted_map(
            words in entries(), probes in proptest::collection::vec("[a-cà]{0,12}", 20),
        ) {
            let storage = MemoryStorage::new();
            let mut file = ContainerWriter::new(storage.create("a").unwrap(), IDENTITY).unwrap();
            let (mut terms, mut forms) = (TermWriter::default(), FormWriter::default());
            let (mut expected, mut of_forms) = (BTreeMap::new(), BTreeMap::new());
            let mut end = 0;
            for (key, (documents, more, length, its_forms)) in &words {
                let occurrences = u64::from(*documents) + more;
                let term = terms.add(key.as_bytes(), *documents, occurrences, (*length, 7));
                let (postings, positions) = (end..end + length, end + length..end + length + 7);
                end += length + 7;
                let info = WordInfo { documents: *documents, occurrences, postings, positions, among: None };
                for (ordinal, (letter, documents)) in (0..).zip(its_forms) {
                    let occurrences = u64::from(*documents) + 3;
                    let share = FormShare { ordinal, documents: *documents, occurrences };
                    let shared = (its_forms.len() > 1).then_some(share);
                    let (term_documents, term_occurrences) = (info.documents, info.occurrences);
                    let among = Some(Among { term_documents, term_occurrences, ordinal });
                    let own = WordInfo { documents: *documents, occurrences, among, ..info.clone() };
                    let own = if shared.is_some() { own } else { info.clone() };
                    of_forms.insert(format!("{letter}{key}"), (FormInfo { term, shared }, own));
                }
                expected.insert(key.clone(), info);
            }
            of_forms.iter().for_each(|(key, (info, _))| forms.add(key.as_bytes(), info));
            terms.finish(&mut file, &SECTIONS).unwrap();
            forms.finish(&mut file, &FORMS).unwrap();
            file.finish().unwrap();
            let container = Container::open(storage.read("a").unwrap(), "a", IDENTITY).unwrap();
            let dictionary = Dictionary::of_terms(&container, SECTIONS).unwrap();
            for key in expected.keys().chain(&probes) {
                let found = dictionary.find(key.as_bytes()).unwrap();
                prop_assert_eq!(found.as_ref(), expected.get(key));
                let mut entries = dictionary.from(key.as_bytes()).unwrap();
                for (wanted, info) in expected.range(key.clone()..) {
                    prop_assert_eq!(entries.next().unwrap(), Some(wanted.as_bytes()));
                    prop_assert_eq!(entries.info(), info);
                }
                prop_assert_eq!(entries.next().unwrap(), None);
            }
            let dictionary = Dictionary::of_forms(&container, FORMS, SECTIONS).unwrap();
            for key in of_forms.keys().chain(&probes) {
                let found = dictionary.find(key.as_bytes()).unwrap();
                prop_assert_eq!(found.as_ref(), of_forms.get(key).map(|(_, own)| own));
                let mut entries = dictionary.from(key.as_bytes()).unwrap();
                for (wanted, (info, _)) in of_forms.range(key.clone()..) {
                    prop_assert_eq!(entries.next().unwrap(), Some(wanted.as_bytes()));
                    prop_assert_eq!(entries.form(), info);
                }
            }
        }
    }
}
