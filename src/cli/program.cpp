#include "cli/program.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/log.hpp"
#include "base/version.hpp"
#include "cli/command_table.hpp"
#include "cli/config_formatter.hpp"
#include "cli/console.hpp"
#include "cli/flags/choice.hpp"
#include "cli/help_formatter.hpp"
#include "cli/suggest.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr const char* kDescription =
    "persona4rec turns raw reviews into items with persona profiles offline, and reranks candidate lists with them in "
    "microseconds, without a language model in the serving path.";
constexpr const char* kEveryCommand = "Every command";

class Program {
 public:
  Program() : commands_(make_commands()), root_(kDescription, "persona4rec") {
    auto config = std::make_shared<ConfigFormatter>(root_);
    config_ = config.get();
    root_.config_formatter(std::move(config));
    root_.formatter(std::make_shared<HelpFormatter>(commands_));
    root_.option_defaults()->always_capture_default();
    root_.require_subcommand(1);
    add_root_flags();
    for (const auto& command : commands_) add_command(*command);
  }

  int run(std::vector<std::string> arguments) {
    if (arguments.empty()) {
      print_message(root_.help());
      return 2;
    }
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
    try {
      root_.parse(std::move(arguments));
    } catch (const CLI::CallForHelp&) {
      print_result(asked_help());
      return 0;
    } catch (const CLI::CallForVersion&) {
      print_result("persona4rec " + std::string(version()) + "\n");
      return 0;
    } catch (const CLI::ParseError& error) {
      throw usage(error);
    }
    run_chosen();
    return 0;
  }

 private:
  void add_root_flags() {
    root_.set_help_flag("-h,--help", "Say this and stop")->group(kEveryCommand);
    root_.set_version_flag("--version", std::string(version()), "Say the version and stop")->group(kEveryCommand);
    root_.set_config("--config", "", "A dataset's config, configs/<dataset>.toml")
        ->type_name("FILE")
        ->group(kEveryCommand);
    root_.add_option("--workspace", workspace_.root, "Folder of all artifacts")->type_name("DIR")->group(kEveryCommand);
    root_.add_flag("--quiet", quiet_, "No progress and no summary, only warnings and errors")->group(kEveryCommand);
    add_choice<LogLevel>(root_, "--log-level", log_level_,
                         {{"debug", LogLevel::kDebug},
                          {"info", LogLevel::kInfo},
                          {"warning", LogLevel::kWarning},
                          {"error", LogLevel::kError},
                          {"off", LogLevel::kOff}},
                         "What is logged to stderr")
        ->group(kEveryCommand);
  }

  void add_command(Command& command) {
    CLI::App* app = root_.add_subcommand(command.info().name, command.info().summary);
    app->set_help_flag("-h,--help", "Say this and stop")->group("");
    app->fallthrough();  // the root's flags may stand behind the command
    command.add_flags(*app);
  }

  // The chosen command's help where one was chosen.
  [[nodiscard]] std::string asked_help() const {
    const auto chosen = root_.get_subcommands();
    return chosen.empty() ? root_.help() : chosen.front()->help();
  }

  [[nodiscard]] Error usage(const CLI::ParseError& error) const {
    const auto chosen = root_.get_subcommands();
    const CLI::App* command = chosen.empty() ? nullptr : chosen.front();
    const std::string hint =
        "\n`persona4rec " + (command == nullptr ? "" : command->get_name() + " ") + "--help` lists what there is";
    // A misspelt flag also leaves a needed one out: it is what to speak of.
    if (const auto extra = root_.remaining(true); !extra.empty()) {
      return usage_error(unknown_argument(extra.front(), command) + hint);
    }
    const std::string message = error.what();
    const std::size_t begin = message.find("--");
    const std::string flag =
        begin == std::string::npos ? "" : message.substr(begin, message.find_first_of(": ", begin) - begin);
    if (const Place* place = config_->place_of(flag)) return {ErrorKind::kUsage, *place, message};
    return usage_error(message + hint);
  }

  [[nodiscard]] std::string unknown_argument(const std::string& argument, const CLI::App* command) const {
    if (!argument.starts_with("-")) {
      if (command != nullptr) return "unexpected argument \"" + argument + "\"";
      return "unknown command \"" + argument + "\"" + did_you_mean(argument, command_names(root_));
    }
    const std::string flag = argument.substr(0, argument.find('='));
    const std::string name = flag.substr(std::min(flag.find_first_not_of('-'), flag.size()));
    std::vector<std::string> known = flag_names(root_);
    if (command != nullptr) {
      const auto own = flag_names(*command);
      known.insert(known.begin(), own.begin(), own.end());
    }
    return "unknown flag " + flag + did_you_mean(name, known, "--") + other_owner(name);
  }

  [[nodiscard]] std::string other_owner(const std::string& flag) const {
    std::string owners;
    for (const CLI::App* app : commands_of(root_)) {
      if (app->get_option_no_throw("--" + flag) != nullptr) owners += (owners.empty() ? "" : ", ") + app->get_name();
    }
    return owners.empty() ? "" : " (a flag of " + owners + ")";
  }

  void run_chosen() {
    set_log_level(quiet_ ? std::max(log_level_, LogLevel::kWarning) : log_level_);
    const std::string name = root_.get_subcommands().front()->get_name();
    for (const auto& command : commands_) {
      if (command->info().name != name) continue;
      CommandContext context(name, quiet_);
      context.workspace = workspace_;
      context.config = config_->file();
      command->run(context);
    }
  }

  std::vector<std::unique_ptr<Command>> commands_;
  CLI::App root_;
  const ConfigFormatter* config_ = nullptr;  // owned by root_
  Workspace workspace_;
  LogLevel log_level_ = LogLevel::kInfo;
  bool quiet_ = false;
};

}  // namespace

int run_program(const std::vector<std::string>& arguments) {
  return Program().run(arguments);
}

}  // namespace persona4rec
