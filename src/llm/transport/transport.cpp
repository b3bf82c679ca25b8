#include "llm/transport/transport.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <map>
#include <utility>

#include "base/ascii.hpp"
#include "base/utf8.hpp"
#include "base/version.hpp"
#include "llm/transport/late_curl.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kMostBodyBytes = 64ULL << 20U;  // of a reply in memory; a server gone wild must not fill it
constexpr long kConnectTimeoutMs = 30'000;

void initialize_curl() {
  static const CURLcode kResult = curl_global_init(CURL_GLOBAL_DEFAULT);  // once, before any thread of ours uses curl
  if (kResult != CURLE_OK) throw internal_error("libcurl cannot be initialised");
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

// The variables that the curl program reads; libcurl itself reads only those of proxies.
struct CertificatePlaces {
  std::string file;
  std::string folder;

  static CertificatePlaces from_environment() {
    CertificatePlaces places;
    places.file = environment("CURL_CA_BUNDLE");
    if (!places.file.empty()) return places;
    places.folder = environment("SSL_CERT_DIR");
    places.file = environment("SSL_CERT_FILE");
    return places;
  }
};

bool is_kept(std::string_view name) {
  return name == "retry-after" || name == "retry-after-ms" || name == "date" || name.starts_with("x-ratelimit-") ||
         name.starts_with("anthropic-ratelimit-");
}

TransportFailure failure_of(CURLcode code) {
  switch (code) {
    case CURLE_OK:
      return TransportFailure::kNone;
    case CURLE_OPERATION_TIMEDOUT:
      return TransportFailure::kTimeout;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
      return TransportFailure::kNotSent;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_READ_ERROR:   // the file to upload
    case CURLE_WRITE_ERROR:  // the file to save to, or a reply without end
      return TransportFailure::kFatal;
    default:
      return TransportFailure::kBroken;
  }
}

struct FreeEasy {
  void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
};
struct FreeList {
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
struct FreeMime {
  void operator()(curl_mime* mime) const noexcept { curl_mime_free(mime); }
};
using Easy = std::unique_ptr<CURL, FreeEasy>;
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

void append(HeaderList& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  static_cast<void>(list.release());
  list.reset(longer);
}

// One request under way. Its address is curl's handle to it, so it stays where it is.
struct Transfer {
  std::uint64_t id = 0;
  HttpRequest request;
  HttpResponse response;
  std::unique_ptr<curl_mime, FreeMime> mime;  // before `easy`: freed after it
  Easy easy;
  std::ofstream file;
  std::array<char, CURL_ERROR_SIZE> error{};
};

std::size_t on_body(char* data, std::size_t one, std::size_t size, void* user) {
  static_cast<void>(one);
  auto& transfer = *static_cast<Transfer*>(user);
  long status = 0;
  curl_easy_getinfo(transfer.easy.get(), CURLINFO_RESPONSE_CODE, &status);
  if (transfer.file.is_open() && status == 200) {
    transfer.file.write(data, static_cast<std::streamsize>(size));
    return transfer.file ? size : 0;
  }
  if (transfer.response.body.size() + size > kMostBodyBytes) return 0;
  transfer.response.body.append(data, size);
  return size;
}

std::size_t on_header(char* data, std::size_t one, std::size_t size, void* user) {
  static_cast<void>(one);
  auto& transfer = *static_cast<Transfer*>(user);
  const std::string_view line(data, size);
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return size;
  std::string name = ascii_lower(line.substr(0, colon));
  if (is_kept(name)) transfer.response.headers.emplace_back(std::move(name), trim(line.substr(colon + 1)));
  return size;
}

bool is_azure(const std::string& url) {
  const std::string origin = origin_of(url);
  return origin.substr(0, origin.rfind(':')).ends_with(".azure.com");
}

}  // namespace

struct Transport::State {
  Secret key;
  CertificatePlaces certificates = CertificatePlaces::from_environment();
  HeaderList headers[2][2];  // [Azure] [with a JSON body]
  CURLM* multi = nullptr;
  int epoll = -1;
  std::optional<Clock::time_point> timer;
  std::map<std::uint64_t, std::unique_ptr<Transfer>> transfers;
  std::vector<Easy> idle;

  State(Secret secret, std::size_t most_connections) : key(std::move(secret)) {
    initialize_curl();
    multi = curl_multi_init();
    epoll = ::epoll_create1(EPOLL_CLOEXEC);
    if (multi == nullptr || epoll < 0) throw internal_error("libcurl or epoll cannot be set up");
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, static_cast<long>(most_connections));
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &on_socket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, &on_timer);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, this);
    for (const bool azure : {false, true})
      for (const bool json : {false, true}) headers[azure][json] = make_headers(azure, json);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    for (auto& [id, transfer] : transfers) curl_multi_remove_handle(multi, transfer->easy.get());
    transfers.clear();
    idle.clear();
    curl_multi_cleanup(multi);
    ::close(epoll);
  }

  [[nodiscard]] HeaderList make_headers(bool azure, bool json) const {
    HeaderList list;
    append(list, "Expect:");  // no 100-continue round trip for long prompts
    if (json) append(list, "Content-Type: application/json");
    if (!key.empty()) append(list, (azure ? "api-key: " : "Authorization: Bearer ") + key.value());
    return list;
  }

  static int on_socket(CURL* /*easy*/, curl_socket_t socket, int what, void* user, void* /*known*/) {
    auto& self = *static_cast<State*>(user);
    if (what == CURL_POLL_REMOVE) {
      ::epoll_ctl(self.epoll, EPOLL_CTL_DEL, socket, nullptr);  // it may be closed already
      return 0;
    }
    epoll_event event{};
    event.events = (what & CURL_POLL_IN ? EPOLLIN : 0U) | (what & CURL_POLL_OUT ? EPOLLOUT : 0U);
    event.data.fd = socket;
    const bool added = ::epoll_ctl(self.epoll, EPOLL_CTL_ADD, socket, &event) == 0;
    if (!added) ::epoll_ctl(self.epoll, EPOLL_CTL_MOD, socket, &event);
    return 0;
  }

  static int on_timer(CURLM* /*multi*/, long timeout_ms, void* user) {
    auto& self = *static_cast<State*>(user);
    self.timer.reset();
    if (timeout_ms >= 0) self.timer = Clock::now() + milliseconds(timeout_ms);
    return 0;
  }

  void act(curl_socket_t socket, int events) {
    int running = 0;
    const CURLMcode code = curl_multi_socket_action(multi, socket, events, &running);
    if (code != CURLM_OK) throw internal_error(std::string("libcurl: ") + curl_multi_strerror(code));
  }

  void set_up(Transfer& transfer) {
    CURL* easy = transfer.easy.get();
    curl_easy_setopt(easy, CURLOPT_URL, transfer.request.url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);  // one request a connection: faults stay apart
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // do not wait for a name that is being looked up
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(transfer.request.timeout.count()));
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, ("persona4rec/" + std::string(version())).c_str());
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.error.data());
    curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
    if (!certificates.file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, certificates.file.c_str());
    if (!certificates.folder.empty()) curl_easy_setopt(easy, CURLOPT_CAPATH, certificates.folder.c_str());
  }

  void set_body(Transfer& transfer) const {
    CURL* easy = transfer.easy.get();
    const HeaderList& list = headers[is_azure(transfer.request.url)][transfer.request.json.has_value()];
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list.get());
    if (!transfer.request.upload.empty()) {
      transfer.mime.reset(curl_mime_init(easy));
      curl_mimepart* purpose = curl_mime_addpart(transfer.mime.get());
      curl_mime_name(purpose, "purpose");
      curl_mime_data(purpose, transfer.request.upload_purpose.c_str(), CURL_ZERO_TERMINATED);
      curl_mimepart* file = curl_mime_addpart(transfer.mime.get());
      curl_mime_name(file, "file");
      curl_mime_filedata(file, transfer.request.upload.c_str());
      curl_easy_setopt(easy, CURLOPT_MIMEPOST, transfer.mime.get());
    } else if (transfer.request.json) {
      curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(transfer.request.json->size()));
      curl_easy_setopt(easy, CURLOPT_POSTFIELDS, transfer.request.json->data());  // not copied: it lives as long
    }
  }

  void finish(CURL* easy, CURLcode code, const Done& done) {
    Transfer* found = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &found);
    curl_multi_remove_handle(multi, easy);
    auto node = transfers.extract(found->id);
    Transfer& transfer = *node.mapped();
    HttpResponse& response = transfer.response;
    response.failure = failure_of(code);
    if (response.failure != TransportFailure::kNone)
      response.error = transfer.error[0] != '\0' ? transfer.error.data() : curl_easy_strerror(code);
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    response.status = static_cast<int>(status);
    const char* redirect = nullptr;
    curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &redirect);
    if (redirect != nullptr) response.redirect_url = redirect;
    key.redact(response.body);
    key.redact(response.error);
    key.redact(response.redirect_url);
    check_file(transfer);
    recycle(transfer);
    done(transfer.id, std::move(response));
  }

  // The tail of a file is written when it is closed, and a full disk shows itself then.
  static void check_file(Transfer& transfer) {
    if (transfer.file.is_open()) transfer.file.close();
    if (transfer.file) return;
    transfer.response.failure = TransportFailure::kNotSaved;
    transfer.response.error = "cannot be written whole: is the disk full?";
  }

  // Handles keep buffers and caches: a new one for each request would cost more than the request.
  void recycle(Transfer& transfer) {
    curl_easy_reset(transfer.easy.get());
    idle.push_back(std::move(transfer.easy));
  }
};

Transport::Transport(Secret key, std::size_t most_connections)
    : state_(std::make_unique<State>(std::move(key), most_connections)) {}

Transport::~Transport() = default;

void Transport::start(std::uint64_t id, HttpRequest request) {
  auto transfer = std::make_unique<Transfer>();
  transfer->id = id;
  transfer->request = std::move(request);
  if (state_->idle.empty()) {
    transfer->easy.reset(curl_easy_init());
    if (!transfer->easy) throw std::bad_alloc();
  } else {
    transfer->easy = std::move(state_->idle.back());
    state_->idle.pop_back();
  }
  if (const auto& path = transfer->request.save_to; !path.empty()) {
    transfer->file.open(path, std::ios::binary);
    if (!transfer->file) throw output_error(path.string(), "cannot be written");
  }
  state_->set_up(*transfer);
  state_->set_body(*transfer);
  if (curl_multi_add_handle(state_->multi, transfer->easy.get()) != CURLM_OK)
    throw internal_error("libcurl does not take a request");
  state_->transfers.emplace(id, std::move(transfer));
}

void Transport::wait(milliseconds timeout, const Done& done) {
  State& state = *state_;
  if (state.timer) {
    const auto due = std::chrono::ceil<milliseconds>(*state.timer - Clock::now());
    timeout = std::clamp(due, milliseconds(0), timeout);
  }
  std::array<epoll_event, 128> events{};
  const int ready =
      ::epoll_wait(state.epoll, events.data(), static_cast<int>(events.size()), static_cast<int>(timeout.count()));
  for (int i = 0; i < ready; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    const int mask = (event.events & EPOLLIN ? CURL_CSELECT_IN : 0) | (event.events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                     (event.events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
    state.act(event.data.fd, mask);
  }
  if (state.timer && *state.timer <= Clock::now()) {
    state.timer.reset();
    state.act(CURL_SOCKET_TIMEOUT, 0);
  }
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(state.multi, &left)) {
    if (message->msg == CURLMSG_DONE) state.finish(message->easy_handle, message->data.result, done);
  }
}

bool Transport::cancel(std::uint64_t id) {
  auto node = state_->transfers.extract(id);
  if (node.empty()) return false;
  curl_multi_remove_handle(state_->multi, node.mapped()->easy.get());
  return true;
}

std::size_t Transport::in_flight() const {
  return state_->transfers.size();
}

namespace {

struct FreeUrl {
  void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, FreeUrl>;

std::string url_part(const Url& url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, flags) != CURLUE_OK) return {};
  std::string copy = text;
  curl_free(text);
  return copy;
}

Url parse_url(const std::string& text) {
  Url url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) return nullptr;
  return url;
}

}  // namespace

std::string join_url(const std::string& base, const std::string& path) {
  const Url url = parse_url(base);
  const std::string scheme = url ? url_part(url, CURLUPART_SCHEME) : "";
  if (scheme != "http" && scheme != "https")
    throw usage_error("the service's address must begin with http:// or https://, as in https://api.openai.com/v1");
  if (!url_part(url, CURLUPART_USER).empty() || !url_part(url, CURLUPART_PASSWORD).empty())
    throw usage_error("the service's address must not carry a password: the key comes from OPENAI_API_KEY");
  std::string joined = url_part(url, CURLUPART_PATH);
  while (joined.ends_with('/')) joined.pop_back();
  joined += path;
  curl_url_set(url.get(), CURLUPART_PATH, joined.c_str(), 0);
  curl_url_set(url.get(), CURLUPART_FRAGMENT, nullptr, 0);
  return url_part(url, CURLUPART_URL);
}

std::string origin_of(const std::string& text) {
  const Url url = parse_url(text);
  if (!url) return {};
  return url_part(url, CURLUPART_SCHEME) + "://" + url_part(url, CURLUPART_HOST) + ":" +
         url_part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
}

}  // namespace persona4rec
