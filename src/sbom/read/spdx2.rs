//! SPDX 2.2 and 2.3, as JSON and as tag-value.
