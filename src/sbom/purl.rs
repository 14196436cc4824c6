//! Package URLs: read, written in their one spelling, and held against the rules of their types. Source: the purl
//! specification and its types.
