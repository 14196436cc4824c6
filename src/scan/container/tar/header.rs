//! Headers of a tar.

/// Bytes of a block: tars are made of them.
pub(super) const BLOCK: usize = 512;

/// One block that is read as a header.
pub(super) struct Header<'b>(pub(super) &'b [u8]);

impl Header<'_> {
    fn field(&self, start: usize, length: usize) -> &[u8] {
        self.0.get(start..start + length).unwrap_or_default()
    }

    /// Whether its checksum is right, by either of two ways to count.
    pub(super) fn is_sound(&self) -> bool {
        let Some(said) = octal(self.field(148, 8)) else { return false };
        let (mut plain, mut signed) = (8 * 32_i64, 8 * 32_i64);
        for (at, byte) in self.0.iter().enumerate() {
            if !(148..156).contains(&at) {
                plain += i64::from(*byte);
                signed += i64::from(*byte as i8);
            }
        }
        i64::try_from(said).is_ok_and(|said| said == plain || said == signed)
    }

    /// Whether it has the magic of POSIX or GNU.
    pub(super) fn has_magic(&self) -> bool {
        self.field(257, 5) == b"ustar"
    }

    /// Whether a name stands where it should: something, without control characters.
    pub(super) fn has_plausible_name(&self) -> bool {
        let name = until_zero(self.field(0, 100));
        !name.is_empty() && name.iter().all(|byte| *byte >= 0x20)
    }

    /// The name, with what stands before it by POSIX.
    pub(super) fn name(&self) -> Vec<u8> {
        let name = until_zero(self.field(0, 100));
        let prefix = until_zero(self.field(345, 155));
        // GNU has times there.
        if self.field(257, 8) == b"ustar\x0000" && !prefix.is_empty() {
            return [prefix, b"/", name].concat();
        }
        name.to_vec()
    }

    /// Where a link leads.
    pub(super) fn link(&self) -> Vec<u8> {
        until_zero(self.field(157, 100)).to_vec()
    }

    /// What kind of member follows; a file of old is one with a zero.
    pub(super) fn kind(&self) -> u8 {
        match self.field(156, 1).first() {
            None | Some(0) => {
                // Of old, a folder was a name that ends so.
                if until_zero(self.field(0, 100)).ends_with(b"/") { b'5' } else { b'0' }
            }
            Some(kind) => *kind,
        }
    }

    /// Its size; none where it is no number.
    pub(super) fn size(&self) -> Option<u64> {
        let field = self.field(124, 12);
        match field.first()? {
            // In base 256, as GNU writes what is too large for octal.
            0x80 => {
                let (high, low) = field[1..].split_at(3);
                let low = <[u8; 8]>::try_from(low).ok()?;
                high.iter().all(|byte| *byte == 0).then(|| u64::from_be_bytes(low))
            }
            _ => octal(field),
        }
    }
}

/// A number in octal, with blanks and zeros around it; nothing counts as zero.
fn octal(field: &[u8]) -> Option<u64> {
    let text = until_zero(field).trim_ascii();
    let mut number: u64 = 0;
    for byte in text {
        let digit = u64::from(byte.checked_sub(b'0').filter(|digit| *digit < 8)?);
        number = number.checked_mul(8)?.checked_add(digit)?;
    }
    Some(number)
}

/// Text up to its first zero byte.
pub(super) fn until_zero(text: &[u8]) -> &[u8] {
    text.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// Where the next header stands behind so many bytes.
pub(super) fn next(start: u64, length: u64) -> u64 {
    start.saturating_add(length).saturating_add(BLOCK as u64 - 1) / BLOCK as u64 * BLOCK as u64
}

/// What extended headers say of the member that follows.
#[derive(Debug, Default, Clone)]
pub(super) struct Extended {
    pub(super) path: Option<Vec<u8>>,
    pub(super) link: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
    pub(super) is_sparse: bool,
}

impl Extended {
    /// Reads records of pax: `LENGTH KEY=VALUE`, a line each.
    pub(super) fn read(&mut self, text: &[u8]) {
        let mut rest = text;
        while let Some(space) = rest.iter().position(|byte| *byte == b' ') {
            let length = std::str::from_utf8(&rest[..space]).ok().and_then(|text| text.trim().parse::<usize>().ok());
            let Some(record) =
                length.filter(|length| *length > space + 1).and_then(|length| rest.get(space + 1..length))
            else {
                return;
            };
            rest = &rest[space + 1 + record.len()..];
            let record = record.strip_suffix(b"\n").unwrap_or(record);
            let Some(equals) = record.iter().position(|byte| *byte == b'=') else { continue };
            let (key, value) = (&record[..equals], &record[equals + 1..]);
            let number = || std::str::from_utf8(value).ok().and_then(|text| text.trim().parse().ok());
            match key {
                b"path" => self.path = Some(value.to_vec()),
                b"linkpath" => self.link = Some(value.to_vec()),
                b"size" => self.size = number(),
                _ if key.starts_with(b"GNU.sparse.") => self.is_sparse = true,
                _ => {}
            }
        }
    }
}
