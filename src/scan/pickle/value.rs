//! What lies on the stack of the machine: symbols of eight bytes.
//!
//! Data is not kept: a text is the offset of the opcode that pushed it, a tuple is a place among the last ones.

use std::fmt;

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// `None`.
    Null,
    /// Payload: 0 or 1.
    Bool,
    /// Payload: the number, moved by [`ZERO`].
    Int,
    /// Another number.
    Number,
    /// Payload: the offset of its opcode.
    Text,
    /// Payload: the offset of its opcode.
    Octets,
    /// Bytes that are a text in Latin-1. Payload: the offset of the opcode of the text.
    Encoded,
    /// Payload: its record.
    List,
    /// Payload: its record, keys and values in turn.
    Dict,
    /// Payload: its record.
    Set,
    /// Payload: its record.
    Tuple,
    /// Payload: a global.
    Global,
    /// What the call of a global gave. Payload: the global.
    Result,
    /// What a class of its own making gave. Payload: the class, a global.
    Instance,
    /// A type of numpy. Payload: which.
    Dtype,
    /// What a persistent id stands for.
    Persistent,
    /// An object of an extension code.
    Extension,
    /// A buffer that is not in the pickle.
    Buffer,
    /// Several values of data. Payload: how many.
    Run,
    /// Not known, because of an error that is told.
    Unknown,
}

const KINDS: [Kind; 20] = [
    Kind::Null,
    Kind::Bool,
    Kind::Int,
    Kind::Number,
    Kind::Text,
    Kind::Octets,
    Kind::Encoded,
    Kind::List,
    Kind::Dict,
    Kind::Set,
    Kind::Tuple,
    Kind::Global,
    Kind::Result,
    Kind::Instance,
    Kind::Dtype,
    Kind::Persistent,
    Kind::Extension,
    Kind::Buffer,
    Kind::Run,
    Kind::Unknown,
];

/// The number 0 as a payload: whole numbers of 47 bits with a sign are kept.
const ZERO: i64 = 1 << 46;
const PAYLOAD: u64 = (1 << 48) - 1;

/// One value: its kind (6 bits), its weight (10 bits), its payload (48 bits).
///
/// The weight of a container is eight times the binary logarithm of how many values one meets who walks
/// through it, shared ones as often as they are met; zero for all else.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Value(u64);

impl Value {
    pub(super) const NULL: Self = Self(0);

    #[inline]
    pub(super) fn new(kind: Kind, payload: u64) -> Self {
        Self((kind as u64) << 58 | payload & PAYLOAD)
    }

    pub(super) fn int(value: i64) -> Self {
        match value.checked_add(ZERO).and_then(|moved| u64::try_from(moved).ok()).filter(|moved| *moved <= PAYLOAD) {
            Some(moved) => Self::new(Kind::Int, moved),
            None => Self::new(Kind::Number, 0),
        }
    }

    #[inline]
    pub(super) fn kind(self) -> Kind {
        KINDS.get((self.0 >> 58) as usize).copied().unwrap_or(Kind::Unknown)
    }

    #[inline]
    pub(super) fn payload(self) -> u64 {
        self.0 & PAYLOAD
    }

    #[inline]
    pub(super) fn weight(self) -> u16 {
        (self.0 >> 48 & 0x3ff) as u16
    }

    #[inline]
    pub(super) fn weighing(self, weight: u16) -> Self {
        Self(self.0 & !(0x3ff << 48) | u64::from(weight.min(0x3ff)) << 48)
    }

    #[inline]
    pub(super) fn at(self, payload: u64) -> Self {
        Self(self.0 & !PAYLOAD | payload & PAYLOAD)
    }

    /// The whole number that it is.
    pub(super) fn as_int(self) -> Option<i64> {
        match self.kind() {
            Kind::Int => Some(self.payload() as i64 - ZERO),
            Kind::Bool => Some(self.payload() as i64),
            _ => None,
        }
    }

    /// The index of the global that it is, or that made it.
    pub(super) fn of(self, kind: Kind) -> Option<usize> {
        (self.kind() == kind).then(|| self.payload() as usize)
    }

    /// Whether nothing is lost when only its number is kept.
    pub(super) fn is_data(self) -> bool {
        matches!(
            self.kind(),
            Kind::Null
                | Kind::Bool
                | Kind::Int
                | Kind::Number
                | Kind::Text
                | Kind::Octets
                | Kind::Encoded
                | Kind::List
                | Kind::Dict
                | Kind::Set
                | Kind::Tuple
                | Kind::Run
        )
    }

    /// How many values it stands for on the stack.
    pub(super) fn count(self) -> u64 {
        if self.kind() == Kind::Run { self.payload() } else { 1 }
    }

    pub(super) fn bits(self) -> u64 {
        self.0
    }

    pub(super) fn from_bits(bits: u64) -> Self {
        Self(bits)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({})", self.kind(), self.payload())
    }
}

/// The weight of a container of these values.
#[inline]
pub(super) fn weight(values: &[Value]) -> u16 {
    if values.iter().all(|value| value.weight() == 0) {
        return (values.len() as u64 + 1).ilog2() as u16 * 8;
    }
    heavy(0.0, values)
}

/// The weight of a container of a given weight to which these values are added.
pub(super) fn more(weight: u16, values: &[Value]) -> u16 {
    heavy(f64::from(weight) / 8.0, values)
}

fn heavy(base: f64, values: &[Value]) -> u16 {
    let total: f64 = values.iter().map(|value| (f64::from(value.weight()) / 8.0).exp2()).sum();
    let weight = ((total + base.exp2()).log2() * 8.0).round();
    if weight >= 1023.0 { 1023 } else { weight as u16 }
}

/// Places kept of what containers hold.
const KEPT: usize = 1 << 15;
/// Values kept of one container.
pub(super) const SHOWN: usize = 24;

/// What the last containers hold: the first of their values.
///
/// A record is a head (how many values; where the memo has the container, plus one) and the values.
#[derive(Debug, Default)]
pub(super) struct Records {
    ring: Vec<u64>,
    /// The place that is written next, counted from 1 and never wrapped: a record of place 0 is none.
    next: u64,
}

impl Records {
    /// Keeps a container of so many values, of which the first are given.
    pub(super) fn keep(&mut self, count: u64, memo: Option<u64>, values: &[Value]) -> u64 {
        let place = self.next + 1;
        let memo = memo.and_then(|index| u32::try_from(index + 1).ok()).unwrap_or(0);
        self.push(count.min(u64::from(u32::MAX)) << 32 | u64::from(memo));
        for value in values.iter().take(SHOWN) {
            self.push(value.bits());
        }
        place
    }

    #[inline]
    fn push(&mut self, bits: u64) {
        self.next += 1;
        let at = (self.next - 1) as usize % KEPT;
        if self.ring.len() < KEPT && at == self.ring.len() { self.ring.push(bits) } else { self.ring[at] = bits }
    }

    #[inline]
    fn get(&self, place: u64) -> Option<u64> {
        let is_there = place > 0 && place <= self.next && self.next - place < KEPT as u64;
        is_there.then(|| self.ring[(place - 1) as usize % KEPT])
    }

    /// How many values a container holds, and where the memo has it; none where it is no longer known.
    #[inline]
    pub(super) fn head(&self, value: Value) -> Option<(u64, Option<u64>)> {
        let head = self.get(value.payload())?;
        Some((head >> 32, (head & u64::from(u32::MAX)).checked_sub(1)))
    }

    /// The first values of a container, and how many it holds.
    pub(super) fn values(&self, value: Value) -> Option<(Vec<Value>, u64)> {
        let (count, _) = self.head(value)?;
        let kept = usize::try_from(count).unwrap_or(SHOWN).min(SHOWN);
        let first = value.payload() + 1;
        let values: Option<Vec<Value>> =
            (first..first + kept as u64).map(|place| self.get(place).map(Value::from_bits)).collect();
        Some((values?, count))
    }

    /// All values of a small container.
    pub(super) fn all(&self, value: Value) -> Option<Vec<Value>> {
        self.values(value).filter(|(values, count)| values.len() as u64 == *count).map(|(values, _)| values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_numbers_and_records_are_forgotten() {
        for number in [0, -1, 255, -(1 << 31), 1 << 45] {
            assert_eq!(Value::int(number).as_int(), Some(number));
        }
        assert_eq!(Value::int(i64::MAX).kind(), Kind::Number);
        for (index, kind) in KINDS.iter().enumerate() {
            assert_eq!(*kind as usize, index);
            assert_eq!(Value::new(*kind, 7).weighing(9).kind(), *kind);
        }
        let mut records = Records::default();
        let place = records.keep(2, Some(7), &[Value::int(1), Value::int(2)]);
        let tuple = Value::new(Kind::Tuple, place);
        assert_eq!(records.head(tuple), Some((2, Some(7))));
        assert_eq!(records.all(tuple), Some(vec![Value::int(1), Value::int(2)]));
        for _ in 0..KEPT {
            records.keep(0, None, &[]);
        }
        assert_eq!(records.all(tuple), None);
        assert_eq!(records.all(Value::new(Kind::Tuple, 0)), None);
    }

    #[test]
    fn a_list_twice_in_a_list_weighs_one_more() {
        let mut list = Value::new(Kind::List, 0).weighing(weight(&[Value::int(1)]));
        for _ in 0..40 {
            list = list.weighing(weight(&[list, list]));
        }
        assert!((320..=336).contains(&list.weight()), "{}", list.weight());
        let mut nest = list.weighing(0);
        for _ in 0..10_000 {
            nest = nest.weighing(weight(&[nest]));
        }
        assert!(nest.weight() < 60, "{}", nest.weight());
    }
}
