#include "base/process/launch.hpp"

#include <charconv>
#include <cstdlib>
#include <limits>
#include <optional>

#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

// What a launcher tells a process, by the names of its variables. `step`: is set only where it started this process;
// a batch script of Slurm has the counts of its job and is one process.
struct Launcher {
  const char* rank;
  const char* size;
  const char* local_rank;
  const char* step;
};

constexpr Launcher kTorchrun = {.rank = "RANK", .size = "WORLD_SIZE", .local_rank = "LOCAL_RANK", .step = nullptr};
constexpr Launcher kOthers[] = {
    {.rank = "SLURM_PROCID", .size = "SLURM_NTASKS", .local_rank = "SLURM_LOCALID", .step = "SLURM_STEP_ID"},
    {.rank = "OMPI_COMM_WORLD_RANK",
     .size = "OMPI_COMM_WORLD_SIZE",
     .local_rank = "OMPI_COMM_WORLD_LOCAL_RANK",
     .step = "OMPI_COMM_WORLD_RANK"},
};

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

bool is_set(const char* name) {
  return !variable(name).empty();
}

std::string required(const char* name, const std::string& why) {
  std::string value = variable(name);
  if (value.empty()) throw usage_error("environment variable " + std::string(name) + " is not set, and " + why);
  return value;
}

std::size_t number(const char* name, const std::string& text, std::size_t least, std::size_t most) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least || value > most) {
    throw usage_error("environment variable " + std::string(name) + "=" + text + ": expected a number from " +
                      std::to_string(least) + " to " + std::to_string(most));
  }
  return value;
}

std::optional<Launcher> launcher_of_this() {
  if (is_set(kTorchrun.rank) || is_set(kTorchrun.size)) return kTorchrun;
  for (const Launcher& launcher : kOthers) {
    if (is_set(launcher.size) && is_set(launcher.step)) return launcher;
  }
  return std::nullopt;
}

}  // namespace

Launch read_launch() {
  constexpr std::size_t kMost = std::numeric_limits<std::int32_t>::max();
  const auto launcher = launcher_of_this();
  if (!launcher) return {};
  const auto& [rank, size, local_rank, step] = *launcher;
  const std::string why = std::string(is_set(size) ? size : rank) + " says that this is one process of several";
  Launch launch{.size = number(size, required(size, why), 1, kMost)};
  if (launch.size == 1) return {};
  launch.rank = number(rank, required(rank, why), 0, launch.size - 1);
  launch.local_rank = is_set(local_rank) ? number(local_rank, variable(local_rank), 0, kMost) : 0;
  launch.address = required("MASTER_ADDR", why + ": name the machine of rank 0");
  launch.port = static_cast<std::uint16_t>(
      number("MASTER_PORT", required("MASTER_PORT", why + ": name a free port there"), 1, 65535));
  launch.meets_at_agent = variable("TORCHELASTIC_USE_AGENT_STORE") == "True";
  const std::string restarts = variable("TORCHELASTIC_RESTART_COUNT");
  if (!restarts.empty()) launch.attempt = number("TORCHELASTIC_RESTART_COUNT", restarts, 0, kMost);
  return launch;
}

}  // namespace persona4rec
