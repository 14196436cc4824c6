//! Progress on a terminal while files are hashed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::lock::hash::Watch;

/// How long nothing is shown, and between two looks.
const TICK: Duration = Duration::from_millis(200);

/// Shows how far hashing is.
#[derive(Debug)]
pub(super) struct Progress<'a> {
    pub watch: &'a Watch,
    pub quiet: bool,
}

impl Progress<'_> {
    /// Shows it while something is done.
    pub(super) fn during<T>(&self, work: impl FnOnce() -> T) -> T {
        if self.quiet {
            return work();
        }
        let is_done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let shower = scope.spawn(|| self.show(&is_done));
            let out = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
            is_done.store(true, Ordering::Relaxed);
            shower.thread().unpark();
            out.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    fn show(&self, is_done: &AtomicBool) {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(5));
        let style = "{bar:30} {bytes}/{total_bytes}  {msg}  {bytes_per_sec}  {elapsed}";
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        // Most runs end before anybody wonders.
        std::thread::park_timeout(TICK);
        while !is_done.load(Ordering::Relaxed) {
            let now = |number: &std::sync::atomic::AtomicU64| number.load(Ordering::Relaxed);
            bar.set_length(now(&self.watch.all_bytes));
            bar.set_position(now(&self.watch.bytes));
            bar.set_message(format!("{}/{} files", now(&self.watch.files), now(&self.watch.all_files)));
            std::thread::park_timeout(TICK);
        }
        bar.finish_and_clear();
    }
}
