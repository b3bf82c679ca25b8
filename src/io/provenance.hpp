// <artifact>.meta.json (reproducible: equal runs, equal bytes) and <artifact>.run.json (times, cost, machine, the call
// and where its inputs lay), and the refusals they make possible: a stage does not mix inputs that do not belong
// together.
//
// Meta: {artifact, command, version, sha256, rows, inputs{role: sha256}, lineage{role: sha256 of every artifact
// upstream}, settings{...}, options{...}, prompts{...}, model, counts{...}}. `settings` are the options that every
// stage of one workspace must share (split, seed, cutoff, min_positives, min_history, liked_from where it is not the
// default, sample, users, time unit).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "persona4rec/dataset.hpp"
#include "persona4rec/json.hpp"
#include "persona4rec/split.hpp"

namespace persona4rec {

// The settings part of a split's options. Null values mean "does not apply".
[[nodiscard]] Json split_settings(const SplitOptions& options);
// {"time_unit": "ms" | "s" | a strptime format}: how the raw file's timestamps, which artifacts keep, are written.
[[nodiscard]] Json time_settings(const TimeFormat& format);

// Collects what a stage read, refuses what does not fit, and writes both files beside each output.
class Provenance {
 public:
  // `force`: mismatches become warnings.
  Provenance(std::string command, bool force);

  // Registers an input by role ("1_aspects"). Hashes the file unless `sha256` is given, reads its meta file if there is
  // one, and merges lineage and settings. Throws Error kInput naming both sides and the command to rerun when
  //  - the file's bytes are not those its own meta file speaks of,
  //  - two inputs stand on different versions of one artifact,
  //  - settings differ between inputs.
  void input(const std::string& role, const std::filesystem::path& path, std::string sha256 = {});
  // The same for an artifact whose meta file, and with it its hash, is known.
  void input(const std::string& role, const std::filesystem::path& path, const Json& meta);
  // A derived input that is no file (an encoder's fingerprint), and the file or folder that it was derived from.
  void input_value(const std::string& role, const std::string& value, const std::filesystem::path& from = {});

  // This stage's own settings; refused when an input's meta says otherwise.
  void settings(const Json& own);

  void option(const std::string& name, Json value) { options_[name] = std::move(value); }
  void prompt(const std::string& name, const std::string& sha256) { prompts_[name] = sha256; }
  void model(const std::string& name) { model_ = name; }
  void count(const std::string& name, std::uint64_t value) { counts_[name] = value; }
  // Facts for the run file alone.
  void run_fact(const std::string& name, Json value) { run_[name] = std::move(value); }

  // Writes <artifact>.meta.json and <artifact>.run.json; nothing beside a stream (io/output_target.hpp). Call after the
  // artifact's commit().
  void write(const std::filesystem::path& artifact, const std::string& role, const std::string& sha256,
             std::uint64_t rows) const;

  [[nodiscard]] const Json& lineage() const { return lineage_; }
  [[nodiscard]] const Json& merged_settings() const { return settings_; }

 private:
  void merge_lineage(const std::string& role, const std::string& value, const std::string& from);
  void merge_liked_from(const Json& other, const std::string& from);
  void take_meta(const std::filesystem::path& path, const std::string& sha256, const Json& meta);
  void merge_settings(const Json& other, const std::string& from);
  void refuse(const std::string& message) const;
  void note_file(const std::string& role, const std::filesystem::path& path);

  std::string command_;
  bool force_;
  Json inputs_ = Json::object();
  Json lineage_ = Json::object();
  std::map<std::string, std::string> lineage_from_;
  Json settings_ = Json::object();
  std::map<std::string, std::string> settings_from_;
  Json liked_from_;  // of the inputs so far; null: none has a split
  std::string liked_from_from_;
  Json options_ = Json::object();
  Json prompts_ = Json::object();
  std::string model_;
  Json counts_ = Json::object();
  Json run_ = Json::object();
  Json files_ = Json::object();  // role -> where it was read from, and its FileState then
  double started_s_;
};

// What time_settings() gave, in a meta file's settings; nothing where they say nothing.
[[nodiscard]] std::optional<TimeFormat> read_time_settings(const Json& meta);

// The meta file of an artifact; null when there is none. Throws Error kInput when it is no JSON object, or a field that
// somebody reads is of another type than the one above.
[[nodiscard]] Json read_meta(const std::filesystem::path& artifact);

}  // namespace persona4rec
