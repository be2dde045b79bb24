//! F: append the same bytes and flush them, on the file system that holds the databases.

use anyhow::Result;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// Appends `bytes` and flushes, over and over for `each`; answers flushes per second.
pub(crate) fn rate(directory: &Path, bytes: usize, each: Duration) -> Result<f64> {
    let path = directory.join("flush");
    let mut file = File::create(&path)?;
    let block = vec![0x5a; bytes];
    let started = Instant::now();
    let mut count = 0u32;
    while started.elapsed() < each {
        file.write_all(&block)?;
        file.sync_data()?;
        count += 1;
    }
    let rate = f64::from(count) / started.elapsed().as_secs_f64();
    std::fs::remove_file(path)?;
    Ok(rate)
}
