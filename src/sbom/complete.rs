//! How much of what lists of minimum elements ask for a document tells: what is there, what is missing, and where a
//! person could state it.
