#include "workspace/workspace_status.hpp"

#include <algorithm>

#include "base/format.hpp"
#include "base/shell.hpp"
#include "base/version.hpp"
#include "io/provenance.hpp"
#include "persona4rec/error.hpp"
#include "workspace/artifact_check.hpp"

namespace persona4rec {
namespace {

namespace fs = std::filesystem;

// As a shell takes it back, in quotes only where it needs them.
std::string quoted(const std::string& word) {
  constexpr const char* kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  return shell_quoted(word);
}

std::string call_text(const Invocation& call) {
  std::string text = "persona4rec";
  for (const auto& argument : call.arguments) text += " " + quoted(argument);
  std::error_code ignored;
  if (call.folder.empty() || fs::equivalent(call.folder, fs::current_path(), ignored)) return text;
  return "cd " + quoted(call.folder) + " && " + text;
}

// The flag and value that the other commands of the workspace were called with, " --config F"; may be empty.
std::string shared_flag(const ArtifactCheck& check, const std::string& flag) {
  for (const auto& artifact : check.artifacts()) {
    const auto call = check.made_by(artifact);
    if (!call) continue;
    const auto at = std::find(call->arguments.begin(), call->arguments.end(), flag);
    if (at == call->arguments.end() || at + 1 == call->arguments.end()) continue;
    const fs::path value = fs::path(call->folder) / *(at + 1);
    return " " + flag + " " + quoted(value.lexically_proximate(fs::current_path()).string());
  }
  return {};
}

// What is missing matters only where something is to be made of it, and that is not made yet.
bool is_next(const ArtifactStatus& artifact, bool served) {
  if (artifact.state == ArtifactState::kStale) return true;
  return artifact.state == ArtifactState::kMissing && artifact.name != "2.5_grouped" && (!artifact.optional || !served);
}

std::string next_command(const ArtifactCheck& check, const fs::path& workspace) {
  const auto& all = check.artifacts();
  const bool served = std::any_of(all.begin(), all.end(), [](const ArtifactStatus& artifact) {
    return artifact.name == "reranked" && artifact.state == ArtifactState::kFresh;
  });
  const auto next =
      std::find_if(all.begin(), all.end(), [&](const auto& artifact) { return is_next(artifact, served); });
  if (next == all.end()) return {};
  if (const auto call = check.made_by(*next)) return call_text(*call);
  return "persona4rec " + next->command + " --workspace " + quoted(workspace.string()) + shared_flag(check, "--config");
}

void add_row(std::string& out, const std::vector<std::pair<std::string, std::size_t>>& cells) {
  std::string line = " ";
  for (const auto& [text, width] : cells) {
    line += " " + text;
    line.append(width > text.size() ? width - text.size() : 0, ' ');
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out += line + "\n";
}

}  // namespace

std::string to_string(ArtifactState state) {
  switch (state) {
    case ArtifactState::kFresh:
      return "fresh";
    case ArtifactState::kStale:
      return "stale";
    case ArtifactState::kMissing:
      return "missing";
    case ArtifactState::kForeign:
      return "foreign";
  }
  return {};
}

WorkspaceStatus workspace_status(const fs::path& workspace, bool verify) {
  if (!fs::is_directory(workspace)) {
    throw input_error({.file = workspace.string()}, "is no folder: name the workspace with --workspace DIR");
  }
  const ArtifactCheck check(Workspace{.root = workspace}, verify);
  return {.artifacts = check.artifacts(), .next = next_command(check, workspace)};
}

std::string status_table(const WorkspaceStatus& status) {
  std::string out;
  add_row(out, {{"artifact", 25}, {"state", 8}, {"rows", 9}, {"made by", 21}, {"why", 0}});
  for (const auto& artifact : status.artifacts) {
    const bool missing = artifact.state == ArtifactState::kMissing;
    const std::string why = missing && artifact.optional ? "optional" : artifact.why;
    add_row(out, {{artifact.name, 25},
                  {to_string(artifact.state), 8},
                  {missing || artifact.rows == 0 ? "" : with_commas(artifact.rows), 9},
                  {artifact.command, 21},
                  {why, 0}});
  }
  return out + "\nnext: " + (status.next.empty() ? "nothing, all of it is up to date" : status.next) + "\n";
}

Json to_json(const WorkspaceStatus& status) {
  Json out = {{"artifacts", Json::array()}, {"next", status.next.empty() ? Json(nullptr) : Json(status.next)}};
  for (const auto& artifact : status.artifacts) {
    out["artifacts"].push_back({{"name", artifact.name},
                                {"path", artifact.path.string()},
                                {"command", artifact.command},
                                {"state", to_string(artifact.state)},
                                {"optional", artifact.optional},
                                {"why", artifact.why},
                                {"rows", artifact.rows},
                                {"made", artifact.made}});
  }
  return out;
}

bool already_done(const fs::path& workspace, const std::string& command) {
  if (!fs::is_directory(workspace)) return false;
  const ArtifactCheck check(Workspace{.root = workspace}, false);
  bool any = false;
  for (const auto& artifact : check.artifacts()) {
    if (artifact.command.substr(0, artifact.command.find(' ')) != command) continue;
    const bool other_call = check.made_by(artifact) != invocation();
    if (other_call && command == "candidates") continue;  // a call makes the lists of one world
    if (other_call || artifact.state != ArtifactState::kFresh) return false;
    const Json meta = read_meta(artifact.path);
    if (meta.value("version", "") != version()) return false;
    any = true;
  }
  return any;
}

}  // namespace persona4rec
