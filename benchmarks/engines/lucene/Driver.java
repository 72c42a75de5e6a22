import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.LowerCaseFilter;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.Tokenizer;
import org.apache.lucene.analysis.it.ItalianAnalyzer;
import org.apache.lucene.analysis.snowball.SnowballFilter;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.analysis.util.CharTokenizer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.SerialMergeScheduler;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.PhraseQuery;
import org.apache.lucene.search.PrefixQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.TopScoreDocCollectorManager;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.FSDirectory;
import org.tartarus.snowball.ext.ItalianStemmer;

/**
 * Indexes and searches with Lucene for the benchmarks, asked on standard input.
 *
 * <p>A request is a count of strings and the strings, each a length and UTF-8 bytes, all integers
 * of four bytes, most significant first; the first string names the action. Every request has one
 * line of answer. Times are measured here, around Lucene only, so that neither the pipe nor the
 * reading of documents counts.
 */
public final class Driver {
  private static final String[] FIELDS = {"titolo", "testo"};

  private final DataInputStream requests =
      new DataInputStream(new BufferedInputStream(System.in, 1 << 20));
  private final Analyzer analyzer;
  private final BM25Similarity similarity = new BM25Similarity(1.2f, 0.75f);
  private IndexSearcher searcher;

  private Driver(Analyzer analyzer) {
    this.analyzer = analyzer;
  }

  /** Serves with the words of the other engines, or with Lucene's own where that is asked for. */
  public static void main(String[] arguments) throws Exception {
    boolean isOwn = List.of(arguments).contains("italian-analyzer");
    new Driver(isOwn ? new ItalianAnalyzer() : new ItalianWords()).serve();
  }

  private void serve() throws Exception {
    System.out.println("ready " + org.apache.lucene.util.Version.LATEST);
    for (List<String> request = read(); !request.isEmpty(); request = read()) {
      System.out.println(
          switch (request.get(0)) {
            case "build" -> build(request);
            case "optimize" -> optimize(request);
            case "open" -> open(Path.of(request.get(1)));
            case "search" -> search(request);
            case "ids" -> ids(request);
            case "all" -> searchAll(request);
            default -> throw new IllegalArgumentException(request.get(0));
          });
    }
  }

  /** The strings of the next request; none at the end of the input. */
  private List<String> read() throws IOException {
    List<String> strings = new ArrayList<>();
    byte[] first = requests.readNBytes(4);
    if (first.length < 4) {
      return strings;
    }
    int count = java.nio.ByteBuffer.wrap(first).getInt();
    for (int number = 0; number < count; number++) {
      byte[] bytes = new byte[requests.readInt()];
      requests.readFully(bytes);
      strings.add(new String(bytes, StandardCharsets.UTF_8));
    }
    return strings;
  }

  /** "seconds processor-seconds"; batches of documents follow the request, an empty one ends. */
  private String build(List<String> request) throws Exception {
    int threads = Integer.parseInt(request.get(2));
    try (FSDirectory folder = FSDirectory.open(Path.of(request.get(1)));
        IndexWriter writer = new IndexWriter(folder, configuration(request.get(3)))) {
      Stopwatch watch = new Stopwatch();
      for (List<String> batch = read(); !batch.isEmpty(); batch = read()) {
        List<String> documents = batch;
        watch.start();
        inThreads(threads, thread -> {
          // Three strings a document; each thread takes every so many-th.
          for (int at = 3 * thread; at < documents.size(); at += 3 * threads) {
            writer.addDocument(document(documents, at));
          }
        });
        watch.stop();
        System.out.println("more");
      }
      watch.start();
      writer.commit();
      watch.stop();
      return watch.toString();
    }
  }

  private String optimize(List<String> request) throws IOException {
    Stopwatch watch = new Stopwatch();
    watch.start();
    try (FSDirectory folder = FSDirectory.open(Path.of(request.get(1)));
        IndexWriter writer = new IndexWriter(folder, configuration(request.get(2)))) {
      writer.forceMerge(1);
      writer.commit();
    }
    watch.stop();
    return watch.toString();
  }

  private IndexWriterConfig configuration(String memoryMb) {
    // Merges run in the threads that index, as no thread may work while the watch stands still.
    return new IndexWriterConfig(analyzer)
        .setSimilarity(similarity)
        .setRAMBufferSizeMB(Integer.parseInt(memoryMb))
        .setMergeScheduler(new SerialMergeScheduler());
  }

  private static Document document(List<String> strings, int at) {
    Document document = new Document();
    document.add(new StringField("id", strings.get(at), Field.Store.YES));
    document.add(new TextField("titolo", strings.get(at + 1), Field.Store.YES));
    document.add(new TextField("testo", strings.get(at + 2), Field.Store.YES));
    return document;
  }

  private String open(Path path) throws IOException {
    Stopwatch watch = new Stopwatch();
    watch.start();
    searcher = new IndexSearcher(DirectoryReader.open(FSDirectory.open(path)));
    searcher.setSimilarity(similarity);
    // Queries are asked again and again here; remembered answers would be measured otherwise.
    searcher.setQueryCache(null);
    watch.stop();
    return watch.toString();
  }

  /** "seconds total", then "score number" of every hit; the total is -1 where it was not asked for. */
  private String search(List<String> request) throws IOException {
    int limit = Integer.parseInt(request.get(3));
    boolean isCounted = request.get(4).equals("counted");
    long start = System.nanoTime();
    long total = -1;
    ScoreDoc[] hits = {};
    Query query = query(request.get(1), request.get(2));
    if (limit == 0) {
      total = searcher.count(query);
    } else {
      TopDocs found = best(query, limit, isCounted);
      hits = found.scoreDocs;
      total = isCounted ? found.totalHits.value() : -1;
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    StringBuilder line = new StringBuilder(seconds + " " + total);
    for (ScoreDoc hit : hits) {
      line.append(' ').append(hit.score).append(' ').append(hit.doc);
    }
    return line.toString();
  }

  /** The keys of the documents of these numbers. */
  private String ids(List<String> request) throws IOException {
    List<String> ids = new ArrayList<>();
    for (String number : request.subList(1, request.size())) {
      int document = Integer.parseInt(number);
      ids.add(searcher.storedFields().document(document, java.util.Set.of("id")).get("id"));
    }
    return String.join(" ", ids);
  }

  private TopDocs best(Query query, int limit, boolean isCounted) throws IOException {
    int exactUpTo = isCounted ? Integer.MAX_VALUE : limit;
    return searcher.search(query, new TopScoreDocCollectorManager(limit, null, exactUpTo));
  }

  /** The seconds in which all queries (type and text by turns) are answered by some threads. */
  private String searchAll(List<String> request) throws Exception {
    int limit = Integer.parseInt(request.get(1));
    int threads = Integer.parseInt(request.get(2));
    List<String> asked = request.subList(3, request.size());
    Stopwatch watch = new Stopwatch();
    watch.start();
    inThreads(threads, thread -> {
      for (int at = 2 * thread; at < asked.size(); at += 2 * threads) {
        best(query(asked.get(at), asked.get(at + 1)), limit, false);
      }
    });
    watch.stop();
    return watch.toString();
  }

  private Query query(String type, String text) throws IOException {
    List<String> words = type.equals("prefix") ? List.of(text) : words(text);
    BooleanQuery.Builder query = new BooleanQuery.Builder();
    if (type.equals("all")) {
      for (String word : words) {
        BooleanQuery.Builder either = new BooleanQuery.Builder();
        for (String field : FIELDS) {
          either.add(new TermQuery(new Term(field, word)), Occur.SHOULD);
        }
        query.add(either.build(), Occur.MUST);
      }
      return query.build();
    }
    for (String field : FIELDS) {
      if (type.equals("phrase")) {
        query.add(new PhraseQuery(field, words.toArray(String[]::new)), Occur.SHOULD);
      } else if (type.equals("prefix")) {
        query.add(new PrefixQuery(new Term(field, text)), Occur.SHOULD);
      } else {
        for (String word : words) {
          query.add(new TermQuery(new Term(field, word)), Occur.SHOULD);
        }
      }
    }
    return query.build();
  }

  private List<String> words(String text) throws IOException {
    List<String> words = new ArrayList<>();
    try (TokenStream tokens = analyzer.tokenStream("testo", text)) {
      CharTermAttribute term = tokens.addAttribute(CharTermAttribute.class);
      tokens.reset();
      while (tokens.incrementToken()) {
        words.add(term.toString());
      }
      tokens.end();
    }
    return words;
  }

  /** Runs of letters and digits, in lower case, under Lucene's Italian Snowball stemmer. */
  private static final class ItalianWords extends Analyzer {
    @Override
    protected TokenStreamComponents createComponents(String field) {
      Tokenizer words = CharTokenizer.fromTokenCharPredicate(Character::isLetterOrDigit);
      TokenStream stems = new SnowballFilter(new LowerCaseFilter(words), new ItalianStemmer());
      return new TokenStreamComponents(words, stems);
    }
  }

  private interface Work {
    void run(int thread) throws Exception;
  }

  /** Do the work in some threads, in this one where there is one; a failure there is one here. */
  private static void inThreads(int threads, Work work) throws Exception {
    if (threads == 1) {
      work.run(0);
      return;
    }
    try (var pool = java.util.concurrent.Executors.newFixedThreadPool(threads)) {
      List<java.util.concurrent.Callable<Void>> tasks = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        int number = thread;
        tasks.add(() -> {
          work.run(number);
          return null;
        });
      }
      for (var done : pool.invokeAll(tasks)) {
        done.get();
      }
    }
  }

  /** Seconds, and seconds of processor time of all threads, between starts and stops. */
  private static final class Stopwatch {
    private static final com.sun.management.OperatingSystemMXBean SYSTEM =
        (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private long nanoseconds;
    private long processor;

    void start() {
      nanoseconds -= System.nanoTime();
      processor -= SYSTEM.getProcessCpuTime();
    }

    void stop() {
      nanoseconds += System.nanoTime();
      processor += SYSTEM.getProcessCpuTime();
    }

    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%.9f %.9f", nanoseconds / 1e9, processor / 1e9);
    }
  }
}
