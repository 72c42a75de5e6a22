//! Owns searching: from a plan to the page of hits, exactly.
//!
//! A plan is weighed once ([`weigh`]: statistics of the whole snapshot, one fixed-point scale), then
//! evaluated in each segment. Any tree is evaluated window by window of 4096 documents
//! ([`node`]); a plain row of words has faster ways that leave out what cannot reach the page
//! ([`prune`]). All of them give the same hits, scores and order.

mod collect;
mod cursor;
mod explain;
mod node;
mod phrase;
mod plan;
mod prune;
mod refine;
mod weigh;
mod window;

use std::time::{Duration, Instant};

use crate::columns::Value;
use crate::error::{Error, Result};
use crate::schema::FieldKind;
use crate::snapshot::Snapshot;
use collect::{Facets, PageCollector, SortCollector};
pub use explain::{LeafScore, WordFacts, explain};
use node::{Binding, Node};
pub use plan::{Plan, Wanted};
pub use refine::{Evidence, MAX_PLACES, RefinedField, RefinedWord, Refinement, kin, refine};
use weigh::{Weighted, weigh};
use window::{WINDOW, Window};

/// A field to sort by; documents without a value come last in either direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SortKey {
    /// The number of the field.
    pub field: usize,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// Which of the ways to leave work out may be used; each gives the same hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pruning {
    /// Leave out what the bounds of blocks say cannot reach the page, where any word suffices.
    pub any: bool,
    /// The same where all words are required.
    pub all: bool,
}

impl Pruning {
    /// Everything is evaluated.
    pub const NONE: Self = Self { any: false, all: false };
}

/// What is asked of a search beside its plan.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// How many hits the page has.
    pub limit: usize,
    /// How many hits come before it.
    pub offset: usize,
    /// Restricts the documents without scoring.
    pub filter: Option<&'a Plan>,
    /// Sorts by columns instead of by score.
    pub sort: &'a [SortKey],
    /// Fields whose values are counted over all matching documents.
    pub facets: &'a [usize],
    /// How long the search may take; what was found by then is given as partial.
    pub deadline: Option<Duration>,
    /// Whether the number of matching documents is wanted; without, less need be looked at.
    pub counts: bool,
    /// What may be left out.
    pub pruning: Pruning,
}

impl Default for Request<'_> {
    fn default() -> Self {
        Self {
            limit: 10,
            offset: 0,
            filter: None,
            sort: &[],
            facets: &[],
            deadline: None,
            counts: true,
            pruning: Pruning { any: true, all: true },
        }
    }
}

/// A matching document.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// Its number in the snapshot.
    pub document: u32,
    /// Its score.
    pub score: f64,
}

/// What a search gives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// How many documents match; `None` where that was not asked for and not found out.
    pub total: Option<u64>,
    /// The page of hits, best first.
    pub hits: Vec<Hit>,
    /// For each asked field its values and how many matching documents have each.
    pub facets: Vec<Vec<(Value, u64)>>,
    /// Whether the deadline cut the search short.
    pub partial: bool,
}

/// The deepest page; what is asked beyond is refused rather than collected.
pub const MAX_PAGE: usize = 1 << 20;

/// Gives the page of hits.
pub fn search(snapshot: &Snapshot, plan: &Plan, request: &Request<'_>) -> Result<Found> {
    let wanted = request.offset.saturating_add(request.limit);
    if wanted > MAX_PAGE {
        let (limit, found) = (MAX_PAGE as u64, wanted as u64);
        return Err(Error::Limit { what: "offset and limit together", limit, found });
    }
    let clock = Clock(request.deadline.and_then(|duration| Instant::now().checked_add(duration)));
    let (plan, scale) = weigh(snapshot, plan)?;
    let filter = request.filter.map(|filter| weigh(snapshot, filter)).transpose()?;
    let filter = filter.as_ref().map(|(filter, _)| filter);
    if request.sort.is_empty() {
        let mut page = PageCollector::new(wanted);
        let mut found = run(snapshot, &plan, filter, request, &clock, &mut page)?;
        let hits = page.finish().into_iter().skip(request.offset);
        let hit = |(points, document)| Hit { document, score: scale.score(points) };
        found.hits = hits.map(hit).collect();
        return Ok(found);
    }
    let mut page = SortCollector::new(snapshot, request.sort, wanted)?;
    let mut found = run(snapshot, &plan, filter, request, &clock, &mut page)?;
    let hits = page.finish().into_iter().skip(request.offset);
    let hit = |(points, document)| Hit { document, score: scale.score(points) };
    found.hits = hits.map(hit).collect();
    Ok(found)
}

/// Gives the number of matching documents.
pub fn count(snapshot: &Snapshot, plan: &Plan) -> Result<u64> {
    let (plan, _) = weigh(snapshot, plan)?;
    let mut total = 0;
    for_each_window(snapshot, &plan, None, false, &Clock(None), |_, window| {
        total += u64::from(window.count());
        Ok(())
    })?;
    Ok(total)
}

/// Gives the numbers of all matching documents, ascending.
pub fn matching(snapshot: &Snapshot, plan: &Plan) -> Result<Vec<u32>> {
    let (plan, _) = weigh(snapshot, plan)?;
    let mut documents = Vec::new();
    for_each_window(snapshot, &plan, None, false, &Clock(None), |segment, window| {
        let base = snapshot.base(segment);
        window.for_each(|document, _| documents.push(base + document));
        Ok(())
    })?;
    Ok(documents)
}

/// What takes matching documents.
trait Collector {
    /// Begins a segment whose first document has this number.
    fn begin(&mut self, segment: usize, base: u32) -> Result<()>;

    /// Takes the matching documents of a window.
    fn collect(&mut self, window: &Window) -> Result<()>;

    /// Ends a segment.
    fn end(&mut self) -> Result<()>;

    /// Gives the collector of a page by score, if it is one.
    fn as_page(&mut self) -> Option<&mut PageCollector> {
        None
    }
}

/// When a search is to stop.
struct Clock(Option<Instant>);

impl Clock {
    fn is_over(&self) -> bool {
        self.0.is_some_and(|end| Instant::now() >= end)
    }
}

fn run(
    snapshot: &Snapshot,
    plan: &Weighted,
    filter: Option<&Weighted>,
    request: &Request<'_>,
    clock: &Clock,
    collector: &mut dyn Collector,
) -> Result<Found> {
    let is_plain = !request.counts && request.facets.is_empty() && filter.is_none();
    if is_plain
        && let Some(page) = collector.as_page()
        && let Some(row) = prune::row_of(plan, request.pruning)
    {
        let partial = prune::run(snapshot, &row, clock, page)?;
        return Ok(Found { partial, ..Found::default() });
    }
    let mut facets = Facets::new(snapshot, request.facets)?;
    let mut total = 0;
    let mut current = None;
    let partial = for_each_window(snapshot, plan, filter, true, clock, |segment, window| {
        if current != Some(segment) {
            if current.is_some() {
                collector.end()?;
            }
            collector.begin(segment, snapshot.base(segment))?;
            facets.begin(segment)?;
            current = Some(segment);
        }
        total += u64::from(window.count());
        facets.collect(window);
        collector.collect(window)
    })?;
    if current.is_some() {
        collector.end()?;
    }
    Ok(Found { total: Some(total), hits: Vec::new(), facets: facets.finish()?, partial })
}

/// Calls `take` with each window that has live matching documents; tells whether time was up.
fn for_each_window(
    snapshot: &Snapshot,
    plan: &Weighted,
    filter: Option<&Weighted>,
    scored: bool,
    clock: &Clock,
    mut take: impl FnMut(usize, &Window) -> Result<()>,
) -> Result<bool> {
    let (mut window, mut allowed) = (Window::new(), filter.map(|_| Window::new()));
    for (at, live) in snapshot.segments().iter().enumerate() {
        let binding = |scored| Binding { snapshot, segment: &live.segment, scored };
        let mut node = Node::bind(plan, &binding(scored))?;
        let mut filter = filter.map(|filter| Node::bind(filter, &binding(false))).transpose()?;
        let mut from = 0;
        while from < live.segment.documents() {
            if clock.is_over() {
                return Ok(true);
            }
            let mut first = node.next(from)?;
            if let Some(filter) = &mut filter {
                first = filter.next(first)?;
            }
            if first >= live.segment.documents() {
                break;
            }
            let base = first & !63;
            window.reset(base);
            node.fill(&mut window)?;
            if let Some((filter, allowed)) = filter.as_mut().zip(allowed.as_mut()) {
                allowed.reset(base);
                filter.fill(allowed)?;
                window.restrict(allowed);
            }
            window.trim(live.segment.documents());
            if let Some(deleted) = &live.deleted {
                window.remove(deleted);
            }
            if !window.is_empty() {
                take(at, &window)?;
            }
            from = base.saturating_add(WINDOW as u32);
        }
    }
    Ok(false)
}

fn column_of(snapshot: &Snapshot, field: usize) -> Result<crate::columns::ColumnType> {
    match snapshot.schema().fields().get(field).map(|field| field.kind) {
        Some(FieldKind::Column(of)) => Ok(of),
        _ => Err(Error::Argument(format!("field number {field} has no values"))),
    }
}
