// What this machine allows to who reads a file of JSON Lines: the best of five, in seconds, as JSON.
//
//   build/<preset>/bin/io_bench FILE     read(2) alone, SHA-256, and simdjson's DOM parser a line at a time on 1 and 2
//                                        threads, of bytes that lie in memory
#include <simdjson.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "base/hash.hpp"

namespace persona4rec {
namespace {

constexpr int kRuns = 5;
constexpr std::size_t kChunk = std::size_t{1} << 18U;

template <class Body>
double best_of(const Body& body) {
  double best = 1e9;
  for (int run = 0; run < kRuns; ++run) {
    const auto start = std::chrono::steady_clock::now();
    body();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

std::size_t read_through(const char* path) {
  std::FILE* file = std::fopen(path, "rb");
  if (file == nullptr) return 0;
  std::setvbuf(file, nullptr, _IONBF, 0);
  std::vector<char> chunk(kChunk);
  std::size_t bytes = 0;
  while (const auto got = std::fread(chunk.data(), 1, chunk.size(), file)) bytes += got;
  std::fclose(file);
  return bytes;
}

// `bytes` has simdjson's padding behind it.
void parse_lines(const std::string& bytes, std::size_t begin, std::size_t end) {
  simdjson::dom::parser parser;
  while (begin < end) {
    const auto line_end = std::min(bytes.find('\n', begin), end);
    if (line_end > begin && parser.parse(bytes.data() + begin, line_end - begin, false).error() != simdjson::SUCCESS)
      std::abort();
    begin = line_end + 1;
  }
}

void parse_in_halves(const std::string& bytes, std::size_t size) {
  const std::size_t middle = bytes.find('\n', size / 2) + 1;
  std::jthread other([&] { parse_lines(bytes, middle, size); });
  parse_lines(bytes, 0, middle);
}

}  // namespace
}  // namespace persona4rec

int main(int count, char** words) {
  using namespace persona4rec;
  if (count != 2 || read_through(words[1]) == 0) {
    std::fprintf(stderr, "usage: io_bench FILE\n");
    return 2;
  }
  std::ifstream in(words[1], std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const std::size_t size = bytes.size();
  bytes.resize(size + simdjson::SIMDJSON_PADDING);
  std::printf("{\"read(2)\": %.4f, ", best_of([&] { (void)read_through(words[1]); }));
  std::printf("\"SHA-256\": %.4f, ", best_of([&] { (void)sha256_hex(std::string_view(bytes).substr(0, size)); }));
  std::printf("\"simdjson DOM, line by line, 1 thread\": %.4f, ", best_of([&] { parse_lines(bytes, 0, size); }));
  std::printf("\"simdjson DOM, line by line, 2 threads\": %.4f}\n", best_of([&] { parse_in_halves(bytes, size); }));
}
