// Readers under test with whatever bytes: a target returns, or throws an Error that says what is wrong with the input.
// Anything else is a finding: a crash, a hang, an Error kInternal, a library's own exception.
//
// One file a target in tests/fuzz/targets; scripts/fuzz.sh runs them under libFuzzer, and the ordinary tests run
// them over tests/fuzz/corpus (replay_test.cpp). Thread-safety: one thread.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace persona4rec::fuzz {

using Run = void (*)(std::string_view input);

// Name -> target, of every target linked in.
[[nodiscard]] std::map<std::string, Run>& targets();

// Runs a target; an Error that a user may see is well.
void run_target(Run run, std::string_view input);

struct Registration {
  Registration(const char* name, Run run) { targets().emplace(name, run); }
};

// The body of a target: FUZZ_TARGET(time) { parse_time(input); }
#define FUZZ_TARGET(name)                                                               \
  static void fuzz_##name(std::string_view input);                                      \
  static const ::persona4rec::fuzz::Registration registered_##name(#name, fuzz_##name); \
  static void fuzz_##name(std::string_view input)

// Keeps the optimiser from dropping a call whose result nobody needs.
template <class T>
void use(const T& value) {
  asm volatile("" : : "g"(&value) : "memory");
}

// Up to the first line end, which `input` loses.
[[nodiscard]] std::string_view take_line(std::string_view& input);

// A folder of the process's own, in memory where the machine has such a place; gone with the object.
class ScratchFolder {
 public:
  ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  // Writes a file (parents too) and returns its path.
  std::filesystem::path write(const std::filesystem::path& name, std::string_view bytes) const;  // NOLINT

 private:
  std::filesystem::path path_;
};

// For readers of whole folders: an input is the name of one of the folder's files, a line end, and that file's bytes;
// the others are sound.
class SoundFolder {
 public:
  // `files`: sound ones by name.
  explicit SoundFolder(std::map<std::string, std::string> files);
  // Puts the input's file in place and calls `read`; nothing where it names none of the files.
  template <class Read>
  void with(std::string_view input, const Read& read) const {
    const std::string name(take_line(input));
    if (!files_.contains(name)) return;
    const Restore restore{*this, name};
    folder_.write(name, input);
    read(folder_.path());
  }

 private:
  struct Restore {
    const SoundFolder& folder;
    const std::string& name;
    ~Restore();
  };
  ScratchFolder folder_;
  std::map<std::string, std::string> files_;
};

}  // namespace persona4rec::fuzz
