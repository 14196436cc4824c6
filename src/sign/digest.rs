//! Digests of files and of pieces of them, on several threads, in memory that does not grow with the files.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use blake2::Digest as _;

use crate::source::Bytes;

use super::failure::Failure;
use super::tree::Listing;

/// Bytes that are read at once.
const PIECE: usize = 1 << 20;

/// What files are listed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Sha256,
    /// BLAKE2b of 512 bits.
    Blake2b,
    /// BLAKE3 of 256 bits.
    Blake3,
}

impl Algorithm {
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "sha256" => Some(Self::Sha256),
            "blake2b" => Some(Self::Blake2b),
            "blake3" => Some(Self::Blake3),
            _ => None,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Blake2b => "blake2b",
            Self::Blake3 => "blake3",
        }
    }

    /// Bytes of a digest.
    pub(super) fn size(self) -> usize {
        match self {
            Self::Sha256 | Self::Blake3 => 32,
            Self::Blake2b => 64,
        }
    }
}

enum Hasher {
    Sha256(Box<ring::digest::Context>),
    Blake2b(Box<blake2::Blake2b512>),
    Blake3(Box<blake3::Hasher>),
}

impl Hasher {
    fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Sha256 => Self::Sha256(Box::new(ring::digest::Context::new(&ring::digest::SHA256))),
            Algorithm::Blake2b => Self::Blake2b(Box::default()),
            Algorithm::Blake3 => Self::Blake3(Box::default()),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(context) => context.update(bytes),
            Self::Blake2b(hasher) => hasher.update(bytes),
            Self::Blake3(hasher) => {
                hasher.update(bytes);
            }
        }
    }

    fn finish(self) -> Vec<u8> {
        match self {
            Self::Sha256(context) => context.finish().as_ref().to_vec(),
            Self::Blake2b(hasher) => hasher.finalize().to_vec(),
            Self::Blake3(hasher) => hasher.finalize().as_bytes().to_vec(),
        }
    }
}

/// The digest of bytes from an offset to before another.
///
/// # Errors
/// A sentence fragment that says why they cannot be read.
pub(super) fn of(
    bytes: &dyn Bytes,
    from: u64,
    to: u64,
    algorithm: Algorithm,
    buffer: &mut Vec<u8>,
) -> Result<Vec<u8>, String> {
    let mut hasher = Hasher::new(algorithm);
    buffer.resize(PIECE, 0);
    let mut at = from;
    while at < to {
        let length = PIECE.min(usize::try_from(to - at).unwrap_or(usize::MAX));
        let read = bytes.read_at(at, &mut buffer[..length])?;
        if read == 0 {
            return Err("it became shorter while it was read".to_owned());
        }
        hasher.update(&buffer[..read]);
        at += read as u64;
    }
    Ok(hasher.finish())
}

/// A file or a piece of it to be hashed.
#[derive(Debug)]
pub(super) struct Job<'j> {
    pub path: &'j str,
    pub from: u64,
    /// Before which byte.
    pub to: u64,
    /// Bytes of the whole file.
    pub size: u64,
    pub digest: &'j [u8],
}

/// Compares digests; the numbers of the jobs whose digest is another, in order.
///
/// # Errors
/// [`Failure::Unread`] for a file that cannot be read.
pub(super) fn differing(
    listing: &Listing<'_>,
    jobs: &[Job<'_>],
    algorithm: Algorithm,
    threads: usize,
) -> Result<Vec<usize>, Failure> {
    // The largest first, so that no thread begins it last.
    let mut order: Vec<usize> = (0..jobs.len()).collect();
    order.sort_by_key(|&job| std::cmp::Reverse(jobs[job].to - jobs[job].from));
    let next = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    let found = Mutex::new((Vec::new(), None::<Failure>));
    let work = || {
        let mut buffer = Vec::new();
        while let Some(&number) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            let job = &jobs[number];
            let result = listing.open(job.path).and_then(|bytes| {
                if bytes.len() != job.size {
                    return Err("it changed while it was read".to_owned());
                }
                of(&*bytes, job.from, job.to, algorithm, &mut buffer)
            });
            let mut found = found.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            match result {
                Ok(digest) if digest == job.digest => {}
                Ok(_) => found.0.push(number),
                Err(why) => {
                    found.1 = Some(Failure::Unread { path: job.path.to_owned(), why });
                    stop.store(true, Ordering::Relaxed);
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.clamp(1, jobs.len().max(1)) {
            scope.spawn(work);
        }
        work();
    });
    let (mut differing, failure) = found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    // What is known to be wrong counts for more than what could not be read.
    if let (true, Some(failure)) = (differing.is_empty(), failure) {
        return Err(failure);
    }
    differing.sort_unstable();
    Ok(differing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_that_others_make() {
        // RFC 7693 appendix A, FIPS 180-4, and the test vectors of BLAKE3 for no byte at all.
        let cases = [
            (Algorithm::Sha256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                Algorithm::Blake2b,
                "abc",
                "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
            ),
            (Algorithm::Blake3, "", "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"),
        ];
        for (algorithm, text, expected) in cases {
            let bytes = text.as_bytes().to_vec();
            let digest = of(&bytes, 0, bytes.len() as u64, algorithm, &mut Vec::new()).expect("it is there");
            assert_eq!(crate::sign::hex(&digest), expected, "{}", algorithm.name());
            assert_eq!(digest.len(), algorithm.size());
        }
        let longer = vec![7; PIECE + 5];
        let whole = of(&longer, 3, longer.len() as u64, Algorithm::Sha256, &mut Vec::new());
        assert_eq!(whole.map(|digest| crate::sign::hex(&digest)), Ok(crate::sign::sha256(&longer[3..])));
        assert!(of(&longer, 0, longer.len() as u64 + 1, Algorithm::Sha256, &mut Vec::new()).is_err());
    }
}
