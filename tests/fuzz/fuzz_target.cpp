#include "fuzz/fuzz_target.hpp"

#include <unistd.h>

#include <fstream>
#include <utility>

#include "persona4rec/error.hpp"

namespace persona4rec::fuzz {

std::map<std::string, Run>& targets() {
  static std::map<std::string, Run> all;
  return all;
}

void run_target(Run run, std::string_view input) {
  try {
    run(input);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kInternal) throw;
  }
}

std::string_view take_line(std::string_view& input) {
  const auto end = input.find('\n');
  const auto line = input.substr(0, end);
  input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
  return line;
}

ScratchFolder::ScratchFolder() {
  const bool in_memory = std::filesystem::is_directory("/dev/shm");
  const auto parent = in_memory ? std::filesystem::path("/dev/shm") : std::filesystem::temp_directory_path();
  std::string name = (parent / "persona4rec_fuzz_XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::filesystem::filesystem_error("mkdtemp", name, std::error_code());
  path_ = name;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path ScratchFolder::write(const std::filesystem::path& name, std::string_view bytes) const {
  const auto file = path_ / name;
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return file;
}

SoundFolder::SoundFolder(std::map<std::string, std::string> files) : files_(std::move(files)) {
  for (const auto& [name, bytes] : files_) folder_.write(name, bytes);
}

SoundFolder::Restore::~Restore() {
  folder.folder_.write(name, folder.files_.at(name));
}

}  // namespace persona4rec::fuzz
