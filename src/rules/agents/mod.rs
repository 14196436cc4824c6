//! What agents and editors start and may do, by files of the tree.

mod address;
mod agent_auto_command;
mod broad_agent_grant;
mod fetched;
mod hidden_instructions;
mod instructions_fetch;
mod literal;
mod privileged_devcontainer;
mod redirected_agent;
mod remote_tool_server;
mod secret_in_tool_settings;
mod unpinned_devcontainer;
mod unpinned_tool_server;

use super::{Family, Rule, Scene};
use crate::graph::Document;
use crate::graph::kinds::agents::AgentFile;

/// The family.
pub static FAMILY: Family = Family { id: "agents", title: "What agents and editors start and may do", rules: RULES };

static RULES: &[&Rule] = &[
    &agent_auto_command::RULE,
    &broad_agent_grant::RULE,
    &hidden_instructions::RULE,
    &instructions_fetch::RULE,
    &privileged_devcontainer::RULE,
    &redirected_agent::RULE,
    &remote_tool_server::RULE,
    &secret_in_tool_settings::RULE,
    &unpinned_devcontainer::RULE,
    &unpinned_tool_server::RULE,
];

/// Settings and instructions of agents and editors, in path order.
fn files<'a>(scene: &Scene<'a>) -> impl Iterator<Item = &'a AgentFile> {
    scene.documents.iter().filter_map(|d| if let Document::Agent(a) = d { Some(a) } else { None })
}
