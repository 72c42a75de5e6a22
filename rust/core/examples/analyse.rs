//! Prints the words of each chunk of the standard input, to compare with the Python analysis: one
//! line a chunk, of form, term, position, positions, start and end of each word, then positions and overlong.

use std::io::{BufRead, Write};

use searchlib_core::analysis::italian::ItalianAnalyzer;
use searchlib_core::analysis::{Analyzer, Word, Words};

fn main() -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout());
    let (mut words, mut term) = (Words::default(), String::new());
    for line in std::io::stdin().lock().split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        ItalianAnalyzer.analyze(&line, &mut words);
        for Word { form, position, positions, start, end } in words.iter() {
            ItalianAnalyzer.term(form, &mut term);
            write!(out, "{form}\t{term}\t{position}\t{positions}\t{start}\t{end}\t")?;
        }
        writeln!(out, "{}\t{}", words.positions(), words.overlong())?;
    }
    Ok(())
}
