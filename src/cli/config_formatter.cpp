#include "cli/config_formatter.hpp"

#include <algorithm>
#include <iterator>

#include "cli/suggest.hpp"

namespace persona4rec {
namespace {

std::string as_list(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : ",") + value;
  return text;
}

// NAME|FILE: a word of a fixed set, or a file.
bool takes_name(const CLI::Option& option) {
  return option.get_type_name().find("NAME") != std::string::npos;
}

}  // namespace

bool takes_path(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const auto says = [&](std::string_view word) { return type.find(word) != std::string::npos; };
  return says("PATH") || says("DIR") || says("FILE");
}

const CLI::Option* find_flag(const CLI::App& app, std::string_view name) {
  const CLI::Option* option = app.get_option_no_throw("--" + std::string(name));
  return option != nullptr && option->get_configurable() ? option : nullptr;
}

std::vector<std::string> flag_names(const CLI::App& app, FlagKind kind) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    if (kind == FlagKind::kConfigurable && !option->get_configurable()) continue;
    names.insert(names.end(), option->get_lnames().begin(), option->get_lnames().end());
  }
  return names;
}

std::vector<const CLI::App*> commands_of(const CLI::App& root) {
  return root.get_subcommands([](const CLI::App*) { return true; });
}

std::vector<std::string> command_names(const CLI::App& root) {
  std::vector<std::string> names;
  for (const CLI::App* command : commands_of(root)) names.push_back(command->get_name());
  return names;
}

std::vector<CLI::ConfigItem> ConfigFormatter::from_config(std::istream& input) const {
  const std::string text(std::istreambuf_iterator<char>(input), {});
  file_ = parse_config(text, root_.get_config_ptr()->as<std::string>());
  check_sections();
  for (const ConfigValue& value : file_.values) check_key(value);

  const auto chosen = root_.get_subcommands();
  const CLI::App* command = chosen.empty() ? nullptr : chosen.front();
  std::vector<CLI::ConfigItem> items;
  // CLI11 keeps the first value it sees: a command's own section goes before the shared keys.
  for (const bool shared : {false, true}) {
    for (const ConfigValue& value : file_.values) {
      if (value.section.empty() != shared) continue;
      if (const CLI::App* app = taker(value, command)) items.push_back(item(value, *app));
    }
  }
  return items;
}

CLI::ConfigItem ConfigFormatter::item(const ConfigValue& value, const CLI::App& app) const {
  const CLI::Option* option = find_flag(app, value.key);
  if (option->empty()) given_.emplace("--" + value.key, value.place);
  CLI::ConfigItem item{.parents = {}, .name = value.key, .inputs = value.values};
  if (takes_path(*option)) {
    for (std::string& path : item.inputs) path = file_.beside(in_home(path, value.place), takes_name(*option));
  }
  if (option->get_expected_max() == 1) item.inputs = {as_list(item.inputs)};  // such a flag takes a list as 5,10,20
  if (&app != &root_) item.parents.push_back(app.get_name());
  return item;
}

std::string ConfigFormatter::to_flag(const CLI::ConfigItem& item) const {
  if (item.inputs == std::vector<std::string>{"true"} || item.inputs == std::vector<std::string>{"false"}) {
    return item.inputs.front();
  }
  const Place* place = place_of("--" + item.name);
  throw Error(ErrorKind::kUsage, place == nullptr ? Place{} : *place,
              item.name + ": expected true or false, got \"" + as_list(item.inputs) + "\"");
}

const Place* ConfigFormatter::place_of(const std::string& flag) const {
  const auto found = given_.find(flag);
  return found == given_.end() ? nullptr : &found->second;
}

void ConfigFormatter::check_sections() const {
  for (const auto& [name, place] : file_.sections) {
    std::vector<std::string> known = command_names(root_);
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    known.insert(known.end(), {"schema", "prompts"});
    throw Error(ErrorKind::kUsage, place,
                "unknown section [" + name + "]: sections are commands" + did_you_mean(name, known));
  }
}

void ConfigFormatter::check_key(const ConfigValue& value) const {
  std::vector<const CLI::App*> takers{&root_};
  for (const CLI::App* command : commands_of(root_)) {
    if (value.section.empty() || command->get_name() == value.section) takers.push_back(command);
  }
  std::vector<std::string> known;
  for (const CLI::App* app : takers) {
    if (find_flag(*app, value.key) != nullptr) return;
    const auto names = flag_names(*app, FlagKind::kConfigurable);
    known.insert(known.end(), names.begin(), names.end());
  }
  const std::string where = value.section.empty() ? "above the first section" : "in [" + value.section + "]";
  throw Error(ErrorKind::kUsage, value.place,
              "unknown key \"" + value.key + "\" " + where + did_you_mean(value.key, known));
}

const CLI::App* ConfigFormatter::taker(const ConfigValue& value, const CLI::App* command) const {
  const bool meant = command != nullptr && (value.section.empty() || value.section == command->get_name());
  if (meant && find_flag(*command, value.key) != nullptr) return command;
  if ((meant || value.section.empty()) && find_flag(root_, value.key) != nullptr) return &root_;
  return nullptr;
}

}  // namespace persona4rec
