#include "cli/command_table.hpp"

namespace persona4rec {

std::vector<std::unique_ptr<Command>> make_commands() {
  std::vector<std::unique_ptr<Command>> commands;
  commands.push_back(make_extract_aspects_command());
  commands.push_back(make_summarize_command());
  commands.push_back(make_personas_command());
  commands.push_back(make_prepare_command());
  commands.push_back(make_select_command());
  commands.push_back(make_train_command());
  commands.push_back(make_cache_command());
  commands.push_back(make_rerank_command());
  commands.push_back(make_eval_command());
  commands.push_back(make_candidates_command());
  commands.push_back(make_encode_command());
  commands.push_back(make_status_command());
  commands.push_back(make_show_command());
  commands.push_back(make_doctor_command());
  commands.push_back(make_completion_command());
  commands.push_back(make_man_command());
  return commands;
}

}  // namespace persona4rec
