#include "cli/program.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/hash.hpp"
#include "base/log.hpp"
#include "base/process/launch.hpp"
#include "base/version.hpp"
#include "cli/command_table.hpp"
#include "cli/config_formatter.hpp"
#include "cli/console.hpp"
#include "cli/flags/values.hpp"
#include "cli/help_formatter.hpp"
#include "cli/resources.hpp"
#include "cli/suggest.hpp"
#include "cli/usage_errors.hpp"
#include "io/invocation.hpp"
#include "persona4rec/error.hpp"
#include "workspace/workspace_status.hpp"

namespace persona4rec {
namespace {

constexpr const char* kDescription =
    "persona4rec turns raw reviews into items with persona profiles offline, and reranks candidate lists with them in "
    "microseconds, without a language model in the serving path.";
constexpr const char* kEveryCommand = "Every command";

// Of the config and of the prompts that it names; empty without one, or where it came through a pipe.
std::string config_hash(const ConfigFile& config) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(config.path, ignored)) return {};
  std::string hashes = sha256_file(config.path);
  std::vector<std::filesystem::path> files;
  if (config.prompts) {
    for (const auto& entry : std::filesystem::directory_iterator(*config.prompts, ignored)) {
      if (entry.is_regular_file(ignored)) files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) hashes += sha256_file(file);
  return sha256_hex(hashes);
}

// Flags that change nothing that is written stay out.
Invocation make_invocation(const std::vector<std::string>& given, const ConfigFile& config) {
  Invocation made{.folder = std::filesystem::current_path().string(), .config_sha256 = config_hash(config)};
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (given[i].starts_with("--log-level")) {
      if (given[i] == "--log-level") ++i;
      continue;
    }
    if (given[i] != "--if-stale" && given[i] != "--quiet") made.arguments.push_back(given[i]);
  }
  return made;
}

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
    take_word_for_flag(arguments);
    const auto given = arguments;
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
      throw to_usage_error(error, root_, *config_);
    }
    set_invocation(make_invocation(given, config_->file()));
    run_chosen();
    return 0;
  }

 private:
  // `help`, `help COMMAND` and `version`, as git and cargo know them.
  void take_word_for_flag(std::vector<std::string>& arguments) const {
    if (arguments.front() == "version" && arguments.size() == 1) arguments = {"--version"};
    if (arguments.front() != "help") return;
    arguments.erase(arguments.begin());
    const auto known = command_names(root_);
    if (!arguments.empty() && std::find(known.begin(), known.end(), arguments.front()) == known.end()) {
      throw usage_error("unknown command \"" + arguments.front() + "\"" + did_you_mean(arguments.front(), known));
    }
    arguments.emplace_back("--help");
  }

  void add_root_flags() {
    root_.set_help_flag("-h,--help", "Say this and stop")->group(kEveryCommand);
    root_.set_version_flag("-V,--version", std::string(version()), "Say the version and stop")->group(kEveryCommand);
    root_
        .set_config("--config", "",
                    "A dataset's config, configs/<dataset>.toml, or its name: amazon, amazon-2014, yelp, generic, or "
                    "one in $XDG_CONFIG_HOME/persona4rec")
        ->transform([](const std::string& given) { return find_config(given).string(); })
        ->type_name("FILE")
        ->group(kEveryCommand);
    root_.add_option("--workspace", workspace_.root, "Folder of all artifacts")->type_name("DIR")->group(kEveryCommand);
    root_
        .add_flag("--if-stale", if_stale_,
                  "Do nothing where this very call has made what lies in the workspace, and "
                  "all of it is fresh (persona4rec status)")
        ->group(kEveryCommand)
        ->configurable(false);
    root_.add_flag("--quiet", quiet_, "No progress and no summary, only warnings and errors; as --log-level warning")
        ->group(kEveryCommand);
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

  void run_chosen() {
    set_log_level(quiet_ ? std::max(log_level_, LogLevel::kWarning) : log_level_);
    const std::string name = root_.get_subcommands().front()->get_name();
    for (const auto& command : commands_) {
      if (command->info().name != name) continue;
      const bool silent = command->info().by_ranks && !read_launch().first();
      if (silent) set_log_level(std::max(log_level_, LogLevel::kError));
      CommandContext context(name, silent || quiet_ || log_level_ > LogLevel::kInfo);
      context.workspace = workspace_;
      context.config = config_->file();
      if (if_stale_ && already_done(workspace_.root, name)) return context.summary({.note = "fresh, nothing to do"});
      command->run(context);
    }
  }

  std::vector<std::unique_ptr<Command>> commands_;
  CLI::App root_;
  const ConfigFormatter* config_ = nullptr;  // owned by root_
  Workspace workspace_;
  LogLevel log_level_ = LogLevel::kInfo;
  bool if_stale_ = false;
  bool quiet_ = false;
};

}  // namespace

int run_program(const std::vector<std::string>& arguments) {
  return Program().run(arguments);
}

}  // namespace persona4rec
