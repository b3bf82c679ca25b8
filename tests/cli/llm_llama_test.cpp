// All four commands that ask a language model, over real reviews and a real, small model served by llama.cpp.
//
// Needs: ../shared/tools/llama-server (or $P4R_LLAMA_SERVER), a small chat model (scripts/fetch_model.sh --chat, or a
// .gguf file in $P4R_LLAMA_MODEL), ../shared/data/digital-music. Takes minutes; $P4R_LLAMA_REVIEWS sets how many
// reviews (30).
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <set>
#include <thread>

#include "asking/answer_schema.hpp"
#include "llm/transport/transport.hpp"
#include "support/json_lines.hpp"
#include "support/pipeline.hpp"

namespace persona4rec::test {
namespace {

namespace fs = std::filesystem;

std::string variable(const char* name, const std::string& otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

// A port that is free now.
int free_port() {
  const int probe = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
  socklen_t size = sizeof address;
  EXPECT_EQ(bind(probe, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size), 0);
  close(probe);
  return ntohs(address.sin_port);
}

class LlamaServer {
 public:
  LlamaServer(const fs::path& program, const fs::path& model, const fs::path& log) : port_(free_port()) {
    const std::string port = std::to_string(port_);
    pid_ = fork();
    if (pid_ != 0) return;
    if (freopen(log.c_str(), "w", stdout) == nullptr || dup2(STDOUT_FILENO, STDERR_FILENO) < 0) _exit(125);
    execl(program.c_str(), program.c_str(), "-m", model.c_str(), "--host", "127.0.0.1", "--port", port.c_str(), "-c",
          "16384", "-np", "4", nullptr);
    _exit(127);
  }
  LlamaServer(const LlamaServer&) = delete;
  LlamaServer& operator=(const LlamaServer&) = delete;
  ~LlamaServer() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  [[nodiscard]] std::string origin() const { return "http://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] bool wait_until_ready() const {
    for (int tries = 0; tries < 300; ++tries) {
      Transport transport(Secret(), 1);
      transport.start(1, {.url = origin() + "/health", .timeout = std::chrono::seconds(5)});
      int status = 0;
      while (transport.in_flight() > 0)
        transport.wait(std::chrono::milliseconds(100),
                       [&](std::uint64_t, HttpResponse&& response) { status = response.status; });
      if (status == 200) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
    return false;
  }

 private:
  int port_;
  pid_t pid_ = 0;
};

// None where nothing was written.
std::vector<Json> rows_of(const fs::path& file) {
  return fs::exists(file) ? json_lines(read_file(file)) : std::vector<Json>();
}

// Real reviews that give every stage work: of the most reviewed items, by users who reviewed at least four of them (the
// last two are held out, and a training target needs a history).
std::string dense_reviews(const fs::path& file, std::size_t count) {
  const auto all = rows_of(file);
  std::map<std::string, std::size_t> by_item;
  for (const Json& review : all) ++by_item[review["parent_asin"]];
  std::vector<std::pair<std::size_t, std::string>> items;
  for (const auto& [item, reviews] : by_item) items.emplace_back(reviews, item);
  std::sort(items.rbegin(), items.rend());
  std::set<std::string> chosen;
  for (std::size_t i = 0; i < std::min<std::size_t>(items.size(), 10); ++i) chosen.insert(items[i].second);
  std::map<std::string, std::vector<std::string>> by_user;
  for (const Json& review : all)
    if (chosen.contains(review["parent_asin"])) by_user[review["user_id"]].push_back(review.dump());
  std::string text;
  std::size_t taken = 0;
  for (const auto& [user, reviews] : by_user) {
    if (reviews.size() < 4 || taken >= count) continue;
    for (const auto& review : reviews) text += review + "\n";
    taken += reviews.size();
  }
  return text;
}

TEST(LlmLlama, AllFourCommandsWithARealModel) {
  const fs::path shared = kSource / "../shared";
  const fs::path program = variable("P4R_LLAMA_SERVER", shared / "tools/llama-server");
  const fs::path model = variable("P4R_LLAMA_MODEL", kSource / "build/deps/models/smollm2-135m-instruct.gguf");
  const fs::path data = shared / "data/digital-music";
  if (!fs::exists(program)) GTEST_SKIP() << "no llama-server: set P4R_LLAMA_SERVER";
  if (!fs::exists(model)) GTEST_SKIP() << "no model: scripts/fetch_model.sh --chat, or set P4R_LLAMA_MODEL";
  if (!fs::exists(data)) GTEST_SKIP() << "no reviews: " << data;

  const TempDir dir;
  const LlamaServer server(program, model, dir / "server.log");
  ASSERT_TRUE(server.wait_until_ready()) << read_file(dir / "server.log");
  const fs::path workspace = dir / "w";
  const std::vector<std::string> where = {"--config", kSource / "configs/amazon.toml", "--workspace", workspace};
  const std::vector<std::string> asks = {
      "--llm", "http",      "--llm-model", "local",         "--llm-base-url", server.origin() + "/v1", "--concurrency",
      "4",     "--timeout", "600",         "--max-rejects", "1000",           "--max-attempts",        "2"};
  const auto run = [&](std::vector<std::string> words, const char* max_tokens = nullptr) {
    words.insert(words.end(), where.begin(), where.end());
    words.emplace_back("--quiet");
    if (max_tokens != nullptr) {
      words.insert(words.end(), asks.begin(), asks.end());
      words.insert(words.end(), {"--max-tokens", max_tokens});
    }
    const auto started = std::chrono::steady_clock::now();
    const RunResult result = run_program(words);
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - started;
    std::cout << words[0] << ": " << static_cast<int>(wall.count()) << " s\n" << result.err << std::flush;
    return result.exit_code;
  };
  const auto check_counts = [&](const std::string& artifact) {
    const Json facts = Json::parse(read_file(workspace / (artifact + ".jsonl.meta.json")));
    const auto number = [&](const char* name) { return facts["counts"][name].get<std::size_t>(); };
    EXPECT_GT(number("requests"), 0U) << artifact;
    EXPECT_EQ(number("answered") + number("rejected"), number("requests")) << artifact;
    EXPECT_EQ(number("rejected"), rows_of(workspace / (artifact + ".rejects.jsonl")).size()) << artifact;
    EXPECT_EQ(facts["model"], "local") << artifact;
  };
  const auto count = std::stoull(variable("P4R_LLAMA_REVIEWS", "30"));
  const std::string reviews = dir.write("reviews.jsonl", dense_reviews(data / "reviews.jsonl", count)).string();
  const std::string meta = (data / "meta.jsonl").string();
  ASSERT_EQ(run({"extract-aspects", "--raw-reviews", reviews}, "200"), 0);
  ASSERT_EQ(run({"summarize", "--raw-reviews", reviews, "--raw-meta", meta}, "100"), 0);
  ASSERT_EQ(run({"personas"}, "250"), 0);
  check_counts("2_summary");
  check_counts("3_personas");
  // So small a model has most of its personas refused; the offline provider's give the judge something to choose from.
  ASSERT_EQ(run({"personas", "--llm", "offline", "--force"}), 0);
  ASSERT_EQ(run({"prepare"}), 0);
  ASSERT_EQ(run({"select"}, "150"), 0);
  check_counts("4_selected_personas");

  // Every answer is valid by schema, or listed in the rejects.
  const Json schema = Json::parse(read_file(kSource / "prompts/amazon/extract_aspects.schema.json"));
  std::size_t rejected = 0;
  const auto aspects = rows_of(workspace / "1_aspects.jsonl");
  EXPECT_GE(aspects.size(), count);
  for (const Json& row : aspects) {
    if (row["status"] == "rejected") ++rejected;
    if (row["status"] == "ok") {
      EXPECT_EQ(check_schema(row["extracted_aspects"], schema), "") << row["review_id"];
    }
  }
  EXPECT_EQ(rejected, rows_of(workspace / "1_aspects.rejects.jsonl").size());
  EXPECT_LT(rejected, aspects.size() / 2) << "json_schema is honoured by this server";
}

}  // namespace
}  // namespace persona4rec::test
