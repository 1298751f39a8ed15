//! Readers of somebody else's that panic on damaged input: the panic becomes a message.

use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Such readers that are at work.
static AT_WORK: AtomicUsize = AtomicUsize::new(0);
static QUIETENED: Once = Once::new();

/// Runs a reader; what it says when it panics is not shown, on whichever of its threads that happens.
///
/// # Errors
/// That the input is damaged, if the reader panicked.
pub fn guarded<T>(read: impl FnOnce() -> T) -> Result<T, String> {
    QUIETENED.call_once(|| {
        let shown = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if AT_WORK.load(Ordering::SeqCst) == 0 {
                shown(panic);
            }
        }));
    });
    AT_WORK.fetch_add(1, Ordering::SeqCst);
    let read = catch_unwind(AssertUnwindSafe(read));
    AT_WORK.fetch_sub(1, Ordering::SeqCst);
    read.map_err(|_| "it is damaged, or of a kind that is not known".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_message() {
        assert_eq!(guarded(|| 1), Ok(1));
        assert!(guarded(|| panic!("as readers do")).is_err());
    }
}
