//! How a state stands, as a tree that lies there does.

use crate::affected::Answer;
use crate::affected::Asked;
use crate::affected::tree as trees;
use crate::check;
use crate::check::Evidence;
use crate::read::Reading;
use crate::source::Tree;

/// Judges states as trees are judged. The result is the judge of a [`super::Request`] with the same questions.
pub fn as_trees(questions: &[Asked]) -> impl Fn(&Tree, &Reading, &[u32]) -> Vec<Answer> + Sync + '_ {
    move |tree, reading, numbers| {
        let asked: Vec<Asked> = numbers.iter().filter_map(|number| questions.get(*number as usize)).cloned().collect();
        check::scene_of(tree, reading, &Evidence::default(), |scene| trees::of_scene(scene, tree, reading, "", &asked))
    }
}
