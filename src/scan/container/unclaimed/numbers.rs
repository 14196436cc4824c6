//! Weights without a header: numbers, and nothing but numbers.
//!
//! Beside a graph lie its weights as plain numbers (`model.bin` of OpenVINO, `*.data-00000-of-00001` of TensorFlow,
//! external data of ONNX). Numbers of a model are small, so that the bytes which hold their size hardly vary; what is
//! packed, encrypted or machine code looks otherwise.

use crate::source::Bytes;

/// Bytes of a sample.
const SAMPLE: usize = 1024;
/// Samples taken, spread over the file.
const SAMPLES: u64 = 256;

/// Bytes of a block: all in it are of one kind.
const BLOCK: usize = 64;

/// Whether bytes are numbers, by samples.
pub(super) fn are(bytes: &dyn Bytes) -> bool {
    if bytes.len() < 4 {
        return false;
    }
    let step = (bytes.len() / SAMPLES).max(SAMPLE as u64) / SAMPLE as u64 * SAMPLE as u64;
    let (mut at, mut all, mut good) = (0, 0_usize, 0_usize);
    while at < bytes.len() {
        let Ok(sample) = bytes.up_to(at, SAMPLE) else { return false };
        let is_wide = is_half(&sample, |bits| bits >> 7 & 0xff, 96..=136)
            || is_half(&sample, |bits| bits >> 10 & 0x1f, 1..=18)
            || is_bell(&sample);
        // Whatever has a header is of a format, and that is not known.
        if at == 0 && !is_wide && !is_numbers(&sample[..sample.len().min(BLOCK)]) {
            return false;
        }
        let blocks = sample.chunks(BLOCK);
        all += blocks.len();
        good +=
            if is_wide { blocks.len() } else { blocks.filter(|block| is_numbers(block) || is_names(block)).count() };
        at += step;
    }
    good * 100 >= all * 85
}

/// Whether a block is numbers of one kind: floats of 32 or 64 bits, or small integers.
fn is_numbers(block: &[u8]) -> bool {
    share(block, 4, |b| fits(f64::from(f32::from_le_bytes([b[0], b[1], b[2], b[3]]))))
        || share(block, 8, |b| <[u8; 8]>::try_from(b).is_ok_and(|b| fits(f64::from_le_bytes(b))))
        || share(block, 8, |b| <[u8; 8]>::try_from(b).is_ok_and(|b| i64::from_le_bytes(b).unsigned_abs() < 1 << 24))
        || share(block, 4, |b| i32::from_le_bytes([b[0], b[1], b[2], b[3]]).unsigned_abs() < 1 << 20)
}

/// Whether a block is mostly names: TensorFlow keeps those of the variables among their values.
fn is_names(block: &[u8]) -> bool {
    block.iter().filter(|byte| byte.is_ascii_graphic()).count() * 100 >= block.len() * 60
}

fn share(sample: &[u8], width: usize, is_it: impl Fn(&[u8]) -> bool) -> bool {
    let all = sample.len() / width;
    let good = sample.chunks_exact(width).filter(|chunk| is_it(chunk)).count();
    all > 0 && good * 100 >= all * 94
}

/// A size that weights have.
fn fits(number: f64) -> bool {
    number == 0.0 || (1e-12..1e6).contains(&number.abs())
}

/// Floats of 16 bits: their exponents lie together, most within a few of each other.
fn is_half(sample: &[u8], exponent: impl Fn(u16) -> u16, usual: std::ops::RangeInclusive<u16>) -> bool {
    let mut counts = [0_usize; 256];
    let mut good = 0;
    let all = sample.len() / 2;
    for chunk in sample.chunks_exact(2) {
        let bits = u16::from_le_bytes([chunk[0], chunk[1]]);
        let exponent = exponent(bits);
        counts[usize::from(exponent & 0xff)] += 1;
        good += usize::from(bits & 0x7fff == 0 || usual.contains(&exponent));
    }
    let near = counts.windows(6).map(|six| six.iter().sum::<usize>()).max().unwrap_or(0);
    all > 0 && good * 100 >= all * 97 && (near + counts[0]) * 100 >= all * 85
}

/// Bytes of quantised weights: as frequent the nearer to their middle, so that half of all bytes are few values.
fn is_bell(sample: &[u8]) -> bool {
    let mut counts = [0_usize; 256];
    for byte in sample {
        counts[usize::from(*byte)] += 1;
    }
    // Around zero for signed bytes, around the middle for unsigned ones.
    let around = |middle: usize, reach: usize| {
        (0..=2 * reach).map(|step| counts[(middle + 256 - reach + step) % 256]).sum::<usize>()
    };
    let text = sample.iter().filter(|byte| byte.is_ascii_alphanumeric()).count();
    let is_near = |middle: usize| {
        let (near, far) = (around(middle, 40), around(middle + 128, 40));
        near * 100 >= sample.len() * 60 && far * 100 <= sample.len() * 15
    };
    sample.len() >= 64
        && (is_near(0) || is_near(128))
        && text * 100 <= sample.len() * 45
        && counts[0] * 100 <= sample.len() * 60
}
