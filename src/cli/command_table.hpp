// The commands of the program: one factory a file src/cli/commands/<command>_command.cpp.
#pragma once

#include <memory>
#include <vector>

#include "cli/command.hpp"

namespace persona4rec {

std::unique_ptr<Command> make_extract_aspects_command();
std::unique_ptr<Command> make_summarize_command();
std::unique_ptr<Command> make_personas_command();
std::unique_ptr<Command> make_prepare_command();
std::unique_ptr<Command> make_select_command();
std::unique_ptr<Command> make_train_command();
std::unique_ptr<Command> make_cache_command();
std::unique_ptr<Command> make_rerank_command();
std::unique_ptr<Command> make_eval_command();
std::unique_ptr<Command> make_candidates_command();
std::unique_ptr<Command> make_encode_command();
std::unique_ptr<Command> make_status_command();
std::unique_ptr<Command> make_show_command();
std::unique_ptr<Command> make_doctor_command();
std::unique_ptr<Command> make_completion_command();
std::unique_ptr<Command> make_man_command();

// All of them, in pipeline order, helpers last.
[[nodiscard]] std::vector<std::unique_ptr<Command>> make_commands();

}  // namespace persona4rec
