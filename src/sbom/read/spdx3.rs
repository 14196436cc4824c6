//! SPDX 3.0 as JSON-LD.
