#include "io/invocation.hpp"

#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>

namespace persona4rec {
namespace {

namespace fs = std::filesystem;

Invocation& process_invocation() {
  static Invocation of_process;
  return of_process;
}

std::int64_t nanoseconds(fs::file_time_type time) {
  const auto since_1970 = std::chrono::file_clock::to_sys(time).time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(since_1970).count();
}

void add_file(FileState& state, const fs::directory_entry& entry) {
  std::error_code code;
  if (!entry.is_regular_file(code)) return;
  const auto bytes = entry.file_size(code);
  const auto time = entry.last_write_time(code);
  if (code) return;
  state.bytes += bytes;
  state.modified_ns = std::max(state.modified_ns, nanoseconds(time));
}

}  // namespace

void set_invocation(Invocation invocation) {
  process_invocation() = std::move(invocation);
}

const Invocation& invocation() {
  return process_invocation();
}

Json to_json(const Invocation& invocation) {
  return {
      {"arguments", invocation.arguments}, {"folder", invocation.folder}, {"config_sha256", invocation.config_sha256}};
}

std::optional<Invocation> read_invocation(const Json& run) {
  const auto at = run.find("invocation");
  if (at == run.end() || !at->is_object()) return std::nullopt;
  Invocation out;
  const Json arguments = at->value("arguments", Json::array());
  if (!arguments.is_array()) return std::nullopt;
  for (const auto& argument : arguments) {
    if (!argument.is_string()) return std::nullopt;
    out.arguments.push_back(argument.get<std::string>());
  }
  for (auto [name, text] : {std::pair{"folder", &out.folder}, {"config_sha256", &out.config_sha256}}) {
    const auto value = at->find(name);
    if (value == at->end() || !value->is_string()) return std::nullopt;
    *text = value->get<std::string>();
  }
  return out;
}

std::optional<FileState> file_state(const fs::path& path) {
  std::error_code code;
  const auto status = fs::status(path, code);
  FileState state{.bytes = 0, .modified_ns = 0};
  if (fs::is_regular_file(status)) {
    add_file(state, fs::directory_entry(path, code));
  } else if (fs::is_directory(status)) {
    for (fs::recursive_directory_iterator entry(path, code), end; !code && entry != end; entry.increment(code)) {
      add_file(state, *entry);
    }
  } else {
    return std::nullopt;
  }
  return code ? std::nullopt : std::optional(state);
}

}  // namespace persona4rec
