// Feeds a config file into CLI11: its own reader breaks on '#' in texts and on arrays over several lines, and gives no
// line numbers.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cli/config_file.hpp"

namespace persona4rec {

class ConfigFormatter final : public CLI::Config {
 public:
  // REQUIRES: `root` outlives it; its subcommands are the commands.
  explicit ConfigFormatter(const CLI::App& root) : root_(root) {}

  // Called by CLI11 when it has read the command line. Yields the values that the chosen command takes. Throws Error
  // kUsage with file:line for a section that is no command and for a key that no flag answers to, whatever the command.
  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override;

  // A flag without a value is true or false in a config, nothing else.
  std::string to_flag(const CLI::ConfigItem& item) const override;

  // Writing configs is not offered.
  std::string to_config(const CLI::App*, bool, bool, std::string) const override { return {}; }

  [[nodiscard]] const ConfigFile& file() const { return file_; }
  // Where the value of a flag ("--seed") came from; nullptr when not from the file.
  [[nodiscard]] const Place* place_of(const std::string& flag) const;

 private:
  void check_sections() const;
  void check_key(const ConfigValue& value) const;
  // The app, of a command and the root, that takes this value; nullptr = it is for another command.
  [[nodiscard]] const CLI::App* taker(const ConfigValue& value, const CLI::App* command) const;
  // What CLI11 gets of a value that `app` takes; notes where it came from.
  [[nodiscard]] CLI::ConfigItem item(const ConfigValue& value, const CLI::App& app) const;

  const CLI::App& root_;
  mutable ConfigFile file_;                     // from_config is const in CLI11
  mutable std::map<std::string, Place> given_;  // by flag
};

// The option that answers to a long flag name, without its "--"; nullptr when there is none that a config may set.
[[nodiscard]] const CLI::Option* find_flag(const CLI::App& app, std::string_view name);

// Does its value name a file or folder? Flags of paths say so in their type: PATH, DIR, FILE, NAME|FILE.
[[nodiscard]] bool takes_path(const CLI::Option& option);

// Long flag names of an app, without "--", in order; those alone that a config may set, or all.
enum class FlagKind : std::uint8_t { kConfigurable, kAll };
[[nodiscard]] std::vector<std::string> flag_names(const CLI::App& app, FlagKind kind);

// All commands, in order.
[[nodiscard]] std::vector<const CLI::App*> commands_of(const CLI::App& root);
[[nodiscard]] std::vector<std::string> command_names(const CLI::App& root);

}  // namespace persona4rec
