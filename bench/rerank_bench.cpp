// How long scoring one user's list takes: 20 candidates x 7 personas x 1024 dimensions of random items from a mapped
// cache larger than the processor's caches (about 1.2 GB of persona vectors), one thread.
//
//   build/<preset>/bin/rerank_bench     prints p50 and p99 in microseconds a user, by the clock and by processor time
//
// The cache is synthetic, written to a temporary folder (about 2.6 GB, removed at the end); P4R_BENCH_ITEMS changes the
// number of items (80,000).
#include <benchmark/benchmark.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/rng.hpp"
#include "io/artifacts.hpp"
#include "io/embedding_file.hpp"
#include "io/output_file.hpp"
#include "matching/half_dot.hpp"
#include "rerank/scorer.hpp"
#include "rerank/serving_cache.hpp"

namespace persona4rec {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kDimensions = 1024;
constexpr std::size_t kPersonas = 7;
constexpr std::size_t kCandidates = 20;
constexpr std::size_t kUsers = 2000;
constexpr std::size_t kTerms = 30000;
constexpr std::size_t kItemTerms = 100;
constexpr std::size_t kUserTerms = 1200;

std::size_t item_count() {
  const char* given = std::getenv("P4R_BENCH_ITEMS");
  return given == nullptr ? 80000 : std::strtoull(given, nullptr, 10);
}

// A cache in the documented layout, with random contents.
class SyntheticCache {
 public:
  SyntheticCache() : folder_(fs::temp_directory_path() / ("p4r_rerank_bench_" + std::to_string(getpid()))) {
    const CacheFiles files{folder_};
    for (const auto& folder :
         {files.user_item(), files.item_persona(), files.user_profile(World::kTest), files.words()}) {
      fs::create_directories(folder);
    }
    write_personas(files.item_persona());
    write_users(files.user_profile(World::kTest));
    write_words(files.words());
    write_metas(files);
  }
  SyntheticCache(const SyntheticCache&) = delete;
  SyntheticCache& operator=(const SyntheticCache&) = delete;
  ~SyntheticCache() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
    fs::remove(meta_path(folder_), ignored);
  }
  [[nodiscard]] const fs::path& folder() const { return folder_; }

 private:
  // Random halves in +-1/32: unit length at 1024 dimensions. Blocks repeat, the memory traffic does not.
  void write_halves(const fs::path& path, std::size_t rows) {
    std::vector<Half> block(std::size_t{997} * kDimensions);
    for (Half& half : block) half = to_half(static_cast<float>((rng_.uniform() - 0.5) / 16));
    OutputFile file(path);
    for (std::size_t row = 0; row < rows; row += 997) {
      const auto count = std::min<std::size_t>(997, rows - row);
      file.write({reinterpret_cast<const char*>(block.data()), count * kDimensions * sizeof(Half)});
    }
    file.commit();
  }

  void write_personas(const fs::path& folder) {
    const std::size_t rows = item_count() * kPersonas;
    write_halves(folder / "persona_embeds.fp16.mmap", rows);
    write_halves(folder / "persona_head.fp16.mmap", rows);
    OutputFile table(folder / "personas.jsonl");
    for (std::size_t k = 0; k < rows; ++k) {
      const auto item = "i" + std::to_string(k / kPersonas);
      table.write_row({{"uid", item + "_P" + std::to_string(k % kPersonas + 1)},
                       {"item_id", item},
                       {"name", "a persona"},
                       {"support", Json::array()}});
    }
    table.commit();
  }

  void write_users(const fs::path& folder) {
    write_halves(folder / "frozen.fp16.mmap", kUsers);
    write_halves(folder / "head.fp16.mmap", kUsers);
    OutputFile table(folder / "users.jsonl");
    for (std::size_t u = 0; u < kUsers; ++u) table.write_row({{"user_id", "u" + std::to_string(u)}});
    table.commit();
  }

  void write_sparse(const fs::path& folder, const std::string& name, std::size_t rows, std::size_t terms) {
    OutputFile begin(folder / (name + ".begin.u64.mmap"));
    OutputFile numbers(folder / (name + ".terms.u32.mmap"));
    OutputFile weights(folder / (name + ".weights.f32.mmap"));
    for (std::uint64_t row = 0; row <= rows; ++row) {
      const std::uint64_t at = row * terms;
      begin.write({reinterpret_cast<const char*>(&at), sizeof(at)});
      if (row == rows) break;
      std::vector<std::uint32_t> drawn(terms);
      for (auto& term : drawn) term = static_cast<std::uint32_t>(rng_.below(kTerms));
      std::sort(drawn.begin(), drawn.end());
      const std::vector<float> values(terms, 0.1F);
      numbers.write({reinterpret_cast<const char*>(drawn.data()), terms * sizeof(std::uint32_t)});
      weights.write({reinterpret_cast<const char*>(values.data()), terms * sizeof(float)});
    }
    for (OutputFile* file : {&begin, &numbers, &weights}) file->commit();
  }

  void write_words(const fs::path& folder) {
    write_sparse(folder, "items", item_count(), kItemTerms);
    write_sparse(folder, "users.test", kUsers, kUserTerms);
    OutputFile table(folder / "items.jsonl");
    for (std::size_t i = 0; i < item_count(); ++i) table.write_row({{"item_id", "i" + std::to_string(i)}});
    table.commit();
  }

  void write_metas(const CacheFiles& files) const {
    const auto meta = [](const fs::path& folder, Json own) {
      own["dim"] = kDimensions;
      own["build"] = "bench";
      write_file(folder / "cache_meta.json", own.dump());
    };
    meta(files.user_item(), Json::object());
    meta(files.item_persona(), {{"rows", item_count() * kPersonas}});
    meta(files.user_profile(World::kTest).parent_path(), {{"rows_test", kUsers}});
    meta(files.words(), {{"rows", item_count()}, {"terms", kTerms}});
    write_file(meta_path(folder_), Json({{"options", {{"build", "bench"}, {"has_head", true}}}}).dump());
  }

  fs::path folder_;
  Rng rng_{7};
};

const ServingCache& cache() {
  static const SyntheticCache kFiles;
  static const ServingCache kCache(kFiles.folder(), World::kTest);
  return kCache;
}

std::vector<CandidateRow> random_lists(std::size_t count) {
  Rng rng(11);
  std::vector<CandidateRow> lists(count);
  for (auto& list : lists) {
    list.user_id = UserId("u" + std::to_string(rng.below(kUsers)));
    for (std::size_t i = 0; i < kCandidates; ++i) {
      list.results.push_back({ItemId("i" + std::to_string(rng.below(item_count()))), rng.uniform()});
    }
  }
  return lists;
}

// Of this thread: what a busy machine takes away by running others does not count.
double cpu_micros() {
  timespec now = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

void score_users(benchmark::State& state, const FusionWeights& weights) {
  Scorer scorer(cache(), weights, kDefaultAlpha);
  const auto lists = random_lists(20000);
  std::vector<double> wall;
  std::vector<double> cpu;
  std::size_t next = 0;
  for (const auto& list : random_lists(40000)) benchmark::DoNotOptimize(scorer.score(list).order.data());  // page in
  for (auto _ : state) {
    const auto start = std::chrono::steady_clock::now();
    const double cpu_start = cpu_micros();
    benchmark::DoNotOptimize(scorer.score(lists[next++ % lists.size()]).order.data());
    cpu.push_back(cpu_micros() - cpu_start);
    wall.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
  }
  const auto percentile = [](std::vector<double>& values, std::size_t percent) {
    std::sort(values.begin(), values.end());
    return values[values.size() * percent / 100];
  };
  state.counters["p50_us"] = percentile(wall, 50);
  state.counters["p99_us"] = percentile(wall, 99);
  state.counters["cpu_p50_us"] = percentile(cpu, 50);
  state.counters["cpu_p99_us"] = percentile(cpu, 99);
}

void one_dense_channel(benchmark::State& state) {
  score_users(state, {.base = 1, .words = 0, .persona = 0, .head = 0.75});
}
void head_and_words(benchmark::State& state) {
  score_users(state, kHeadWeights);
}
void all_channels(benchmark::State& state) {
  score_users(state, {.base = 1, .words = 0.75, .persona = 0.25, .head = 0.75});
}
BENCHMARK(one_dense_channel)->Iterations(20000)->Unit(benchmark::kMicrosecond);
BENCHMARK(head_and_words)->Iterations(20000)->Unit(benchmark::kMicrosecond);
BENCHMARK(all_channels)->Iterations(20000)->Unit(benchmark::kMicrosecond);

// The kernels alone, rows in the processor's cache.
void half_dot_kernel(benchmark::State& state) {
  const auto& kernels = half_dot_kernels();
  const auto k = static_cast<std::size_t>(state.range(0));
  if (k >= kernels.count) return state.SkipWithError("this processor has fewer kernels");
  const std::vector<std::uint16_t> row(kDimensions, to_half(0.03F));
  const std::vector<float> vector(kDimensions, 0.03F);
  for (auto _ : state) {
    benchmark::DoNotOptimize(kernels.kernels[k].run(row.data(), vector.data(), kDimensions, row.data()));
  }
  state.SetLabel(kernels.kernels[k].name);
}
BENCHMARK(half_dot_kernel)->Arg(0)->Arg(1)->Arg(2);

}  // namespace
}  // namespace persona4rec

BENCHMARK_MAIN();
