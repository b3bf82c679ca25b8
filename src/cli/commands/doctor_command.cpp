#include <sys/statvfs.h>
#include <CLI/CLI.hpp>
#include <cstdlib>
#include <fstream>
#include <functional>

#include "base/format.hpp"
#include "base/parallel.hpp"
#include "base/version.hpp"
#include "cli/command_table.hpp"
#include "cli/console.hpp"
#include "cli/flags/models.hpp"
#include "cli/torch/torch_module.hpp"
#include "llm/http/service_check.hpp"
#include "persona4rec/error.hpp"
#include "workspace/workspace_status.hpp"

namespace persona4rec {
namespace {

// The value of the first line "key : value" of a file of /proc; empty when there is none.
std::string proc_value(const char* file, const std::string& key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const auto colon = line.find(':');
    if (colon == std::string::npos || line.compare(0, key.size(), key) != 0) continue;
    const auto begin = line.find_first_not_of(" \t", colon + 1);
    return begin == std::string::npos ? "" : line.substr(begin);
  }
  return {};
}

// What speeds an encoder up, of /proc/cpuinfo's flags.
std::string processor_features() {
  const std::string flags = " " + proc_value("/proc/cpuinfo", "flags") + " ";
  std::string found;
  for (const char* flag : {"avx2", "f16c", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8"}) {
    if (flags.find(" " + std::string(flag) + " ") != std::string::npos) found += std::string(" ") + flag;
  }
  return found.empty() ? " none of avx2 and later" : found;
}

std::string gib(double bytes) {
  return fixed_text(bytes / static_cast<double>(1ULL << 30U), 1) + " GiB";
}

class DoctorCommand final : public Command {
 public:
  DoctorCommand()
      : Command(
            {.name = "doctor",
             .summary = "Check what this machine has for the program: libraries, processor, encoder, service, disk.",
             .reads = "the machine, the encoder's folder, the workspace",
             .writes = "a list on stdout",
             .needs = "-",
             .example = "persona4rec doctor --workspace runs/amazon",
             .notes = "A line that begins with ! names something that is missing, and what it is needed for. The "
                      "service is asked for its list of models, which costs nothing, where --llm-base-url, "
                      "OPENAI_BASE_URL or OPENAI_API_KEY name one."}) {}

  void add_flags(CLI::App& app) override {
    encoder_.add(app);
    app.add_option("--llm-base-url", service_.base_url,
                   "Address of the service [default: $OPENAI_BASE_URL, else https://api.openai.com/v1]; its key comes "
                   "from $OPENAI_API_KEY")
        ->type_name("URL")
        ->group("Language model");
  }

  void run(const CommandContext& context) override {
    say("program", "persona4rec " + std::string(version()));
    say("processor", proc_value("/proc/cpuinfo", "model name") + ", " + std::to_string(default_threads()) +
                         " threads;" + processor_features());
    say("memory",
        proc_value("/proc/meminfo", "MemAvailable") + " available of " + proc_value("/proc/meminfo", "MemTotal"));
    check("LibTorch", "train, cache and encode need it", [] {
      (void)torch_functions();
      return std::string("libpersona4rec_torch.so loads");
    });
    check("encoder", "train, cache and encode need one", [&] { return encoder_text(context.workspace); });
    check("number type", "of the encoder", [&] { return dtype_text(context.workspace); });
    check_llm();
    check("disk", "of the workspace", [&] { return disk_text(context.workspace.root); });
    check("workspace", "", [&] { return workspace_text(context.workspace.root); });
    print_result(out_);
  }

 private:
  void say(const std::string& what, const std::string& text, bool well = true) {
    std::string label = std::string(well ? "  " : "! ") + what;
    label.resize(16, ' ');
    out_ += label + text + "\n";
  }

  void check(const std::string& what, const char* why, const std::function<std::string()>& look) {
    try {
      say(what, look());
    } catch (const Error& error) {
      say(what, std::string(error.what()) + (*why == '\0' ? "" : std::string(" (") + why + ")"), false);
    }
  }

  std::string encoder_text(const Workspace& workspace) const {
    const auto options = encoder_.options(workspace);
    const auto info = read_encoder_folder(options.folder);
    return options.folder.string() + ": " + info.family + ", " + std::to_string(info.layers) + " layers, " +
           std::to_string(info.dimensions) + " dimensions, " + std::to_string(info.max_length) + " tokens, " +
           info.pooling + (info.has_head ? ", with a trained head" : ", no trained head");
  }

  std::string dtype_text(const Workspace& workspace) const {
    auto options = encoder_.options(workspace);
    options.dtype_choice = workspace.dtype_choice();
    return torch_functions().dtype_reason(options);
  }

  void check_llm() {
    const auto given = [](const char* name) {
      const char* value = std::getenv(name);
      return value != nullptr && *value != '\0';
    };
    if (service_.base_url.empty() && !given("OPENAI_BASE_URL") && !given("OPENAI_API_KEY")) {
      return say("service", "none is named: the offline provider answers");
    }
    try {
      service_.timeout_s = 10;
      const auto found = check_service(service_);
      say("service", found.text, found.answers);
    } catch (const Error& error) {
      say("service", error.what(), false);
    }
  }

  static std::string disk_text(const std::filesystem::path& workspace) {
    auto folder = std::filesystem::absolute(workspace).lexically_normal();
    std::error_code ignored;
    while (!std::filesystem::exists(folder, ignored) && folder.has_relative_path()) folder = folder.parent_path();
    struct statvfs info = {};
    if (statvfs(folder.c_str(), &info) != 0) throw output_error(folder.string(), "cannot be looked at");
    const double unit = static_cast<double>(info.f_frsize);
    return gib(static_cast<double>(info.f_bavail) * unit) + " free of " +
           gib(static_cast<double>(info.f_blocks) * unit) + " at " + folder.string();
  }

  static std::string workspace_text(const std::filesystem::path& root) {
    if (!std::filesystem::is_directory(root)) return root.string() + " is not there yet";
    const auto status = workspace_status(root, false);
    std::size_t fresh = 0;
    std::size_t stale = 0;
    for (const auto& artifact : status.artifacts) {
      fresh += artifact.state == ArtifactState::kFresh ? 1 : 0;
      stale += artifact.state == ArtifactState::kStale ? 1 : 0;
    }
    return root.string() + ": " + std::to_string(fresh) + " artifacts fresh, " + std::to_string(stale) +
           " stale (persona4rec status)";
  }

  EncoderFlags encoder_;
  LlmOptions service_;
  std::string out_;
};

}  // namespace

std::unique_ptr<Command> make_doctor_command() {
  return std::make_unique<DoctorCommand>();
}

}  // namespace persona4rec
