//! Types of numpy, and the arrays that joblib puts between the opcodes of a pickle.

use super::machine::{Dtype, Machine, Stop};
use super::special::Outcome;
use super::value::{Kind, Value};
use super::{AMBIGUOUS, DANGEROUS_GLOBAL, MALFORMED};

/// Types that are kept apart.
const DTYPES: usize = 1 << 16;
/// Pickles within pickles.
const INNER: usize = 8;

/// The type that a text names: `f8`, `U10`, `O8`.
fn parse(text: &str) -> Option<Dtype> {
    let text = text.trim_start_matches(['<', '>', '=', '|']);
    let mut characters = text.chars();
    let kind = characters.next()?;
    let digits = characters.as_str();
    let count: u64 = digits.parse().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    let width = match kind {
        'U' => 4,
        'f' | 'i' | 'u' | 'b' | 'c' | 'S' | 'V' | 'M' | 'm' | 'a' | 'O' => 1,
        _ => return None,
    };
    // Whether a structure has objects is said by its state.
    let has_objects = match kind {
        'O' => Some(true),
        'V' => None,
        _ => Some(false),
    };
    Some(Dtype { size: count.checked_mul(width), has_objects })
}

impl Machine<'_> {
    /// `numpy.dtype('f8', False, True)`.
    pub(super) fn dtype(&mut self, index: usize, values: &[Value]) -> Outcome {
        let Some(first) = values.first() else { return Outcome::Unknown };
        let made = match first.kind() {
            Kind::Text => self.text(*first).as_deref().and_then(parse),
            Kind::Octets => self.constant(*first).as_ref().and_then(|constant| constant.text()).and_then(parse),
            // A class of numpy.
            Kind::Global => None,
            _ => return Outcome::Unknown,
        };
        let made = made.unwrap_or(Dtype { size: None, has_objects: None });
        if self.dtypes.len() >= DTYPES {
            return Outcome::Gives(Value::new(Kind::Result, index as u64));
        }
        self.dtypes.push(made);
        Outcome::Gives(Value::new(Kind::Dtype, self.dtypes.len() as u64 - 1))
    }

    /// The state of a type: `(version, order, subtype, names, fields, size, alignment, flags)`.
    pub(super) fn build_dtype(&mut self, target: Value, state: Value) {
        /// Of the flags: items are references to objects.
        const OBJECTS: i64 = 1;
        let values = self.records.all(state).filter(|_| state.kind() == Kind::Tuple);
        let Some(dtype) = self.dtypes.get_mut(target.payload() as usize) else { return };
        // numpy takes size and flags from here, some of them for some types only; older versions have fewer items
        // and work the flags out. What does not agree with the name of the type is not known.
        let said = values.filter(|values| {
            matches!(values.len(), 8 | 9) && values[0].as_int().is_some_and(|version| matches!(version, 3 | 4))
        });
        let said = said.and_then(|values| Some((values[5].as_int()?, values[7].as_int()?)));
        let Some((size, flags)) = said else {
            *dtype = Dtype { size: None, has_objects: None };
            return;
        };
        let has_objects = flags & OBJECTS != 0;
        let is_same = (size == -1 || u64::try_from(size).ok() == dtype.size)
            && dtype.has_objects.is_none_or(|known| known == has_objects)
            && (0..256).contains(&flags);
        let size = dtype.size.filter(|_| is_same);
        *dtype = Dtype { size, has_objects: is_same.then_some(has_objects) };
    }

    /// What follows a wrapper of joblib: the elements of its array, or a pickle of them.
    pub(super) fn array(&mut self, state: Value) -> Result<(), Stop> {
        self.has_arrays = true;
        let Some((dtype, count, is_aligned)) = self.wrapped(state) else {
            self.told.note(&MALFORMED, self.now, "how long the array after a wrapper of joblib is cannot be told");
            return Err(Stop::Broken);
        };
        if dtype.has_objects == Some(true) {
            if self.inner_depth() >= INNER {
                return Err(Stop::Limit("pickles lie in pickles deeper than is looked at"));
            }
            // The wrapper is replaced by what the inner pickle gives.
            self.pop();
            self.begin_inner();
            return Ok(());
        }
        let start = self.reader.offset();
        if is_aligned {
            let padding = self.reader.number(1).map_err(|fault| self.fault(fault))?;
            self.reader.skip(padding).map_err(|fault| self.fault(fault))?;
        }
        let length = dtype.size.and_then(|size| size.checked_mul(count)).unwrap_or(u64::MAX);
        self.look_for_opcodes(start, (self.reader.offset() - start).saturating_add(length));
        if self.reader.skip(length).is_err() {
            self.told.note(&MALFORMED, start, "an array of joblib is longer than what is left of the file");
            return Err(Stop::Exhausted);
        }
        self.set_top(Value::new(Kind::Number, 0));
        Ok(())
    }

    /// Type, number of elements and whether padding stands before them, of the state of a wrapper.
    fn wrapped(&self, state: Value) -> Option<(Dtype, u64, bool)> {
        let values = self.records.all(state).filter(|_| state.kind() == Kind::Dict)?;
        let (mut dtype, mut count, mut is_aligned) = (None, None, false);
        for pair in values.chunks_exact(2) {
            match self.text(pair[0])?.as_str() {
                "dtype" => dtype = self.dtypes.get(pair[1].of(Kind::Dtype)?).copied(),
                "shape" => {
                    let sides = self.records.all(pair[1]).filter(|_| pair[1].kind() == Kind::Tuple)?;
                    count = sides
                        .iter()
                        .try_fold(1_u64, |count, side| count.checked_mul(u64::try_from(side.as_int()?).ok()?));
                }
                "numpy_array_alignment_bytes" => is_aligned = pair[1].kind() != Kind::Null,
                _ => {}
            }
        }
        let dtype = dtype.filter(|dtype| dtype.size.is_some() && dtype.has_objects.is_some())?;
        Some((dtype, count?, is_aligned))
    }

    /// A loader that knows nothing of joblib goes on with the bytes of the array as opcodes.
    fn look_for_opcodes(&mut self, start: u64, length: u64) {
        if super::search::does_something(self.reader.bytes(), start, length) {
            let message = "the bytes of an array of joblib are opcodes for a loader that is not joblib's";
            self.told.note(&AMBIGUOUS, start, message);
        }
    }

    /// An array of old joblib lies in another file, which the state names.
    pub(super) fn elsewhere(&mut self, state: Value) {
        let values = self.records.all(state).filter(|_| state.kind() == Kind::Dict).unwrap_or_default();
        let name = values
            .chunks_exact(2)
            .find_map(|pair| (self.text(pair[0]).as_deref() == Some("filename")).then(|| self.text(pair[1])).flatten());
        match name {
            Some(name) if name.contains(['/', '\\']) || name.starts_with("..") => {
                let message = format!("an array is read from `{}`, a path outside of the folder", name.escape_debug());
                self.told.note(&DANGEROUS_GLOBAL, self.now, message);
            }
            Some(name) => {
                let message = format!("an array lies in the file `{}` beside this one", name.escape_debug());
                self.told.note(&super::ELSEWHERE, self.now, message);
            }
            None => {
                let message = "an array is read from a path that is computed";
                self.told.note(&DANGEROUS_GLOBAL, self.now, message);
            }
        }
    }
}
