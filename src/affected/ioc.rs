//! Lists of what to look for: indicators of compromise.
