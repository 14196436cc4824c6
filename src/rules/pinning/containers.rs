//! Images that scripts run or pull, those left out that the tree makes itself.

use std::collections::BTreeSet;

use super::image::{Own, repository};
use super::unpinned_image::Seat;
use crate::commands::ActKind;
use crate::graph::identity;
use crate::rules::Scene;
use crate::rules::workflow::reach::{self, Run};
use crate::source::Place;

/// An image that a script starts or pulls.
pub(super) struct Started<'a, 'r> {
    pub(super) place: Place,
    pub(super) run: &'r Run<'a>,
    /// The reference.
    pub(super) image: String,
    pub(super) seat: Seat,
}

/// Those of all scripts of the tree, each place once.
pub(super) fn of<'a>(scene: &Scene<'a>, own: &Own<'_>) -> Vec<Started<'a, 'a>> {
    let runs = reach::all_runs(scene);
    let mut made: BTreeSet<String> = BTreeSet::new();
    let mut out: Vec<Started<'_, '_>> = Vec::new();
    let mut seen: BTreeSet<(Place, String)> = BTreeSet::new();
    for run in runs {
        for piece in run.scripts() {
            for act in &piece.script.acts {
                match &act.kind {
                    ActKind::ImageBuild { tags, .. } => made.extend(tags.iter().map(|tag| named(tag))),
                    ActKind::Container { image, privileged, mounts, .. } if image.known => {
                        let place = Place::new(run.file, piece.script.text.host_span(act.range.clone()));
                        if seen.insert((place, image.text.clone())) {
                            let seat = Seat::Shell { privileged: *privileged, mounts: *mounts };
                            out.push(Started { place, run, image: image.text.clone(), seat });
                        }
                    }
                    _ => {}
                }
            }
        }
    }
    out.retain(|started| {
        let image = identity::image(&started.image);
        let local = image.host.is_some_and(|host| host.starts_with("localhost") || host.starts_with("127."));
        !local && !made.contains(&named(&started.image)) && !own.builds(&image)
    });
    out
}

/// The name without tag and digest, in lower case.
fn named(reference: &str) -> String {
    repository(&identity::image(reference)).to_ascii_lowercase()
}
