//! Prints the words of each chunk of the standard input, to compare with the Python analysis: one
//! line a chunk, of form, term, position, start and end of each word, then positions and overlong.

use std::io::{BufRead, Write};

use searchlib_core::analysis::italian::words;

fn main() -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout());
    for line in std::io::stdin().lock().split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        let (mut positions, mut overlong) = (0, 0);
        for (word, start, end) in words(&line, &mut positions, &mut overlong) {
            write!(out, "{}\t{}\t{}\t{start}\t{end}\t", word.form, word.term, word.position)?;
        }
        writeln!(out, "{positions}\t{overlong}")?;
    }
    Ok(())
}
