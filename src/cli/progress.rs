use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Work that is done sooner shows no progress.
const PATIENCE: Duration = Duration::from_secs(1);

/// A line on standard error that says how far a long job is, if that is a terminal.
pub struct Progress {
    what: &'static str,
    of: u64,
    done: AtomicU64,
    started: Instant,
    /// Tenths of a second at which the line was last written.
    written: AtomicU64,
    terminal: bool,
}

impl Progress {
    pub fn new(what: &'static str, of: u64) -> Self {
        let terminal = std::io::stderr().is_terminal();
        Self { what, of: of.max(1), done: AtomicU64::new(0), started: Instant::now(), written: AtomicU64::new(0), terminal }
    }

    /// One more is done.
    pub fn step(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if !self.terminal {
            return;
        }
        let elapsed = self.started.elapsed();
        let tenth = elapsed.as_millis() as u64 / 100;
        if elapsed < PATIENCE || self.written.fetch_max(tenth, Ordering::Relaxed) >= tenth {
            return;
        }
        let _ = write!(std::io::stderr(), "\r{}: {} of {} ({} %)\x1b[K", self.what, done, self.of, done * 100 / self.of);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.written.load(Ordering::Relaxed) > 0 {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
