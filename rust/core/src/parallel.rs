//! Owns work that is divided among threads which are there for nothing else.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{Builder, scope};

/// Does some work for each item, on as many threads as there are workspaces, the caller's
/// being the first; gives the results in order. Where the system refuses a thread there are fewer.
pub fn each<W: Send, I: Send, T: Send>(
    workspaces: &mut [W],
    items: Vec<I>,
    work: impl Fn(&mut W, I) -> T + Sync,
) -> Vec<T> {
    let Some((own, others)) = workspaces.split_first_mut() else { return Vec::new() };
    if others.is_empty() || items.len() < 2 {
        return items.into_iter().map(|item| work(own, item)).collect();
    }
    let items: Vec<_> = items.into_iter().map(|item| Mutex::new((Some(item), None))).collect();
    let next = AtomicUsize::new(0);
    let go = |workspace: &mut W| {
        while let Some(slot) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
            let item = slot.lock().unwrap_or_else(PoisonError::into_inner).0.take();
            let result = item.map(|item| work(workspace, item));
            slot.lock().unwrap_or_else(PoisonError::into_inner).1 = result;
        }
    };
    let go = &go;
    scope(|threads| {
        for workspace in others {
            let thread = Builder::new().name("searchlib writer".to_owned());
            // The others do its work.
            let _ = thread.spawn_scoped(threads, move || go(workspace));
        }
        go(own);
    });
    let results = items.into_iter().map(|slot| slot.into_inner());
    results.filter_map(|slot| slot.unwrap_or_else(PoisonError::into_inner).1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Results come in the order of their items, each worked on once, whatever the threads.
        #[test]
        fn results_are_in_order(items: Vec<u32>, threads in 1_usize..5) {
            let mut workspaces = vec![0_usize; threads];
            let found = each(&mut workspaces, items.clone(), |worked, item| {
                *worked += 1;
                u64::from(item) + 1
            });
            prop_assert_eq!(found, items.iter().map(|&it| u64::from(it) + 1).collect::<Vec<_>>());
            prop_assert_eq!(workspaces.into_iter().sum::<usize>(), items.len());
        }
    }
}
