//! The pieces of a table: numbers, strings, identifiers, dates. Every length is checked.

use super::IndexError;
use crate::advisory::encode::SCHEMES;
use crate::advisory::model::{Date, Ecosystem, Event};

/// A place in the table.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    pub(super) fn damaged(&self) -> IndexError {
        IndexError::Damaged { at: self.at }
    }

    pub(super) fn take(&mut self, n: usize) -> Result<&'a [u8], IndexError> {
        let end = self.at.checked_add(n).ok_or_else(|| self.damaged())?;
        let out = self.bytes.get(self.at..end).ok_or_else(|| self.damaged())?;
        self.at = end;
        Ok(out)
    }

    pub(super) fn byte(&mut self) -> Result<u8, IndexError> {
        Ok(self.take(1)?[0])
    }

    pub(super) fn u32(&mut self) -> Result<u32, IndexError> {
        let b = self.take(4)?;
        Ok(u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
    }

    pub(super) fn varint(&mut self) -> Result<u64, IndexError> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let b = self.byte()?;
            let part = u64::from(b & 0x7f);
            // The tenth byte has room for one bit only.
            if shift == 63 && part > 1 {
                return Err(self.damaged());
            }
            value |= part << shift;
            if b < 0x80 {
                return Ok(value);
            }
        }
        Err(self.damaged())
    }

    /// A count or length; more than the bytes that are left cannot be true.
    pub(super) fn length(&mut self) -> Result<usize, IndexError> {
        let n = self.varint()?;
        usize::try_from(n).ok().filter(|n| *n <= self.bytes.len()).ok_or_else(|| self.damaged())
    }

    pub(super) fn string(&mut self) -> Result<&'a str, IndexError> {
        let n = self.length()?;
        let bytes = self.take(n)?;
        std::str::from_utf8(bytes).map_err(|_| self.damaged())
    }

    pub(super) fn strings(&mut self) -> Result<Vec<String>, IndexError> {
        let n = self.length()?;
        (0..n).map(|_| self.string().map(str::to_owned)).collect()
    }

    pub(super) fn ecosystem(&mut self) -> Result<Ecosystem, IndexError> {
        let b = self.byte()?;
        Ecosystem::ALL.get(usize::from(b)).copied().ok_or_else(|| self.damaged())
    }

    pub(super) fn date(&mut self) -> Result<Date, IndexError> {
        let n = self.varint()?;
        let year = u16::try_from(n >> 9).map_err(|_| self.damaged())?;
        let (month, day) = ((n >> 5) as u8 & 15, n as u8 & 31);
        Date::new(year, month, day).ok_or_else(|| self.damaged())
    }

    pub(super) fn id(&mut self) -> Result<String, IndexError> {
        let b = self.byte()?;
        if b == 0 {
            return self.string().map(str::to_owned);
        }
        let scheme = SCHEMES.get(usize::from(b & 0x3f).wrapping_sub(1)).ok_or_else(|| self.damaged())?;
        if b & 0x40 == 0 {
            return Ok(format!("{scheme}{}", self.string()?));
        }
        let (year, number) = (self.varint()?, self.varint()?);
        let width = (number & 15) as usize;
        Ok(format!("{scheme}{year}-{:0width$}", number >> 4))
    }

    pub(super) fn events(&mut self) -> Result<Vec<Event>, IndexError> {
        let n = self.length()?;
        (0..n)
            .map(|_| {
                let event = match self.byte()? {
                    0 => Event::Introduced,
                    1 => Event::Fixed,
                    2 => Event::LastAffected,
                    3 => Event::Limit,
                    _ => return Err(self.damaged()),
                };
                Ok(event(self.string()?.to_owned()))
            })
            .collect()
    }

    /// Runs of positions: gap from the last end, then length less one.
    pub(super) fn runs(&mut self) -> Result<Vec<(usize, usize)>, IndexError> {
        let n = self.length()?;
        let mut previous = 0_usize;
        (0..n)
            .map(|_| {
                let (gap, more) = (self.length()?, self.length()?);
                let first = previous.checked_add(gap).ok_or_else(|| self.damaged())?;
                previous = first.checked_add(more).ok_or_else(|| self.damaged())?;
                Ok((first, previous))
            })
            .collect()
    }
}
