//! Measures the analysis of the text in a file: how long its tables take to load, and what a first
//! look at a chunk costs.

use std::collections::HashSet;
use std::time::Instant;

use searchlib_core::analysis::italian::ItalianAnalyzer;
use searchlib_core::analysis::{Analyzer, Words, chunks};

const ROUNDS: usize = 7;

fn best(mut run: impl FnMut()) -> f64 {
    let seconds = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64()
    });
    seconds.fold(f64::INFINITY, f64::min)
}

fn main() -> std::io::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_default();
    let text = std::fs::read_to_string(path)?;
    let (mut words, mut term) = (Words::default(), String::new());

    for (chunk, form) in [("perché", "1a."), ("l'anno", "1a."), ("č", "1a."), ("e", "xenofilo")] {
        let start = Instant::now();
        ItalianAnalyzer.analyze(chunk, &mut words);
        ItalianAnalyzer.term(form, &mut term);
        println!("load {chunk} {form}: {:.2} ms", start.elapsed().as_secs_f64() * 1e3);
    }

    let mut seen = HashSet::new();
    let distinct: Vec<&str> = chunks(&text).filter(|chunk| seen.insert(*chunk)).collect();
    let bytes: usize = distinct.iter().map(|chunk| chunk.len() + 1).sum();
    let mut forms = HashSet::new();
    for chunk in &distinct {
        ItalianAnalyzer.analyze(chunk, &mut words);
        forms.extend(words.iter().map(|word| word.form.to_owned()));
    }
    let seconds = best(|| {
        for chunk in &distinct {
            ItalianAnalyzer.analyze(chunk, &mut words);
        }
    });
    println!(
        "words of {} distinct chunks: {:.0} ns each, {:.0} MB/s",
        distinct.len(),
        seconds * 1e9 / distinct.len() as f64,
        bytes as f64 / seconds / 1e6
    );
    let seconds = best(|| {
        for form in &forms {
            ItalianAnalyzer.term(form, &mut term);
        }
    });
    println!("terms of {} forms: {:.0} ns each", forms.len(), seconds * 1e9 / forms.len() as f64);
    Ok(())
}
