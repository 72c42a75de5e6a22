//! Prints the stem of each line of the standard input: to compare with other stemmers.

use std::io::{BufRead, Write};

use searchlib_core::analysis::stemmer::stem;

fn main() -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout());
    for line in std::io::stdin().lock().lines() {
        writeln!(out, "{}", stem(&line?))?;
    }
    Ok(())
}
