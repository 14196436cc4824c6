//! What a CI service says of the run: which change is judged, against what, and where reports are to go. Pure: the
//! environment and the event come in as text.

pub mod approval;
