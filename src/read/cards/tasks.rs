//! Tasks of a hub: what goes in and what comes out. Source: Hugging Face, "Tasks" (`@huggingface/tasks`).

/// Tasks with what goes in and what comes out, by the definition of each. Those with several ways are left out.
const TASKS: &[(&str, &[&str], &[&str])] = &[
    ("audio-classification", &["audio"], &["label"]),
    ("audio-text-to-text", &["audio", "text"], &["text"]),
    ("audio-to-audio", &["audio"], &["audio"]),
    ("automatic-speech-recognition", &["audio"], &["text"]),
    ("depth-estimation", &["image"], &["image"]),
    ("document-question-answering", &["image", "text"], &["text"]),
    ("feature-extraction", &[], &["embedding"]),
    ("fill-mask", &["text"], &["text"]),
    ("image-classification", &["image"], &["label"]),
    ("image-feature-extraction", &["image"], &["embedding"]),
    ("image-segmentation", &["image"], &["image"]),
    ("image-text-to-text", &["image", "text"], &["text"]),
    ("image-to-3d", &["image"], &["3d"]),
    ("image-to-image", &["image"], &["image"]),
    ("image-to-text", &["image"], &["text"]),
    ("image-to-video", &["image"], &["video"]),
    ("mask-generation", &["image"], &["image"]),
    ("object-detection", &["image"], &["label"]),
    ("question-answering", &["text"], &["text"]),
    ("sentence-similarity", &["text"], &["embedding"]),
    ("summarization", &["text"], &["text"]),
    ("table-question-answering", &["table", "text"], &["text"]),
    ("tabular-classification", &["table"], &["label"]),
    ("tabular-regression", &["table"], &["number"]),
    ("text-classification", &["text"], &["label"]),
    ("text-generation", &["text"], &["text"]),
    ("text-ranking", &["text"], &["number"]),
    ("text-to-3d", &["text"], &["3d"]),
    ("text-to-audio", &["text"], &["audio"]),
    ("text-to-image", &["text"], &["image"]),
    ("text-to-speech", &["text"], &["audio"]),
    ("text-to-video", &["text"], &["video"]),
    ("text2text-generation", &["text"], &["text"]),
    ("token-classification", &["text"], &["label"]),
    ("translation", &["text"], &["text"]),
    ("unconditional-image-generation", &[], &["image"]),
    ("video-classification", &["video"], &["label"]),
    ("video-text-to-text", &["text", "video"], &["text"]),
    ("visual-question-answering", &["image", "text"], &["text"]),
    ("voice-activity-detection", &["audio"], &["label"]),
    ("zero-shot-classification", &["text"], &["label"]),
    ("zero-shot-image-classification", &["image", "text"], &["label"]),
    ("zero-shot-object-detection", &["image", "text"], &["label"]),
];

/// What goes into a task and what comes out of it.
pub(super) fn of(task: &str) -> Option<(&'static [&'static str], &'static [&'static str])> {
    let at = TASKS.binary_search_by(|(name, ..)| (*name).cmp(task)).ok()?;
    TASKS.get(at).map(|(_, inputs, outputs)| (*inputs, *outputs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_are_in_order() {
        assert!(TASKS.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(of("text-to-image"), Some((&["text"][..], &["image"][..])));
        assert_eq!(of("reinforcement-learning"), None);
    }
}
