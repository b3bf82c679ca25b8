// Files of the OpenAI Batch API (https://platform.openai.com/docs/guides/batch), which vLLM's run-batch reads and
// writes as well: requests, one a line, and answers, one a line, in any order.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "io/output_file.hpp"
#include "llm/http/verdict.hpp"

namespace persona4rec {

struct BatchLimits {
  std::uint64_t requests = 50'000;    // of one file
  std::uint64_t bytes = 200'000'000;  // of one file: 200 MB
};

// Writes {"custom_id": key, "method": "POST", "url": "/v1/chat/completions", "body": {..}} lines into FILE, FILE.2, ...
// (x.jsonl, x.2.jsonl, ...). Nothing appears before commit(). Thread-safety: one object, one thread.
class BatchWriter {
 public:
  explicit BatchWriter(std::filesystem::path first, BatchLimits limits = {});

  void add(const std::string& key, const std::string& body);
  // Whether a line with this body would begin another file.
  [[nodiscard]] bool is_full(const std::string& body) const;

  struct Part {
    std::filesystem::path path;
    std::uint64_t requests = 0;
  };
  // Puts the files in place and removes later parts of an earlier export. An export of nothing is one empty file.
  std::vector<Part> commit();

 private:
  void begin_part();

  std::filesystem::path first_;
  BatchLimits limits_;
  std::vector<Part> parts_;
  std::vector<OutputFile> files_;
  std::uint64_t bytes_ = 0;
};

// One line of an answer file.
struct BatchLine {
  std::string key;  // custom_id
  Verdict verdict;  // what its reply means; why there is none in its message
};

// Calls `take` for every line. A 4xx status inside a line whose "error" is null is a failure; an unreadable line (a
// download that was cut off) is one without a key. Throws Error kInput when the file cannot be opened.
void read_batch_answers(const std::filesystem::path& path, const std::function<void(BatchLine&&)>& take);

}  // namespace persona4rec
