package asyncsns;

import com.ibm.icu.text.Normalizer2;
import com.ibm.icu.text.Transliterator;
import java.io.Reader;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.Tokenizer;
import org.apache.lucene.analysis.icu.ICUNormalizer2CharFilter;
import org.apache.lucene.analysis.icu.ICUTransformFilter;
import org.apache.lucene.analysis.ja.JapaneseAnalyzer;
import org.apache.lucene.analysis.ja.JapaneseBaseFormFilter;
import org.apache.lucene.analysis.ja.JapaneseKatakanaStemFilter;
import org.apache.lucene.analysis.ja.JapanesePartOfSpeechStopFilter;
import org.apache.lucene.analysis.ja.JapaneseReadingFormFilter;
import org.apache.lucene.analysis.ja.JapaneseTokenizer;
import org.opensearch.common.settings.Settings;
import org.opensearch.index.IndexSettings;
import org.opensearch.index.analysis.AbstractCharFilterFactory;
import org.opensearch.index.analysis.AbstractTokenFilterFactory;
import org.opensearch.index.analysis.AbstractTokenizerFactory;
import org.opensearch.index.analysis.CharFilterFactory;
import org.opensearch.index.analysis.NormalizingCharFilterFactory;
import org.opensearch.index.analysis.NormalizingTokenFilterFactory;
import org.opensearch.index.analysis.TokenFilterFactory;
import org.opensearch.index.analysis.TokenizerFactory;
import org.opensearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.opensearch.plugins.AnalysisPlugin;
import org.opensearch.plugins.Plugin;

/**
 * Those of the kuromoji and ICU analysis components that asyncsns uses, by the names and defaults of OpenSearch's own
 * plugins (which Maven Central does not carry). The work is Lucene's.
 */
public final class JapaneseAnalysisPlugin extends Plugin implements AnalysisPlugin {
    @Override
    public Map<String, AnalysisProvider<CharFilterFactory>> getCharFilters() {
        return Map.of("icu_normalizer", (index, environment, name, settings) -> new IcuNormalizer(index, name, settings));
    }

    @Override
    public Map<String, AnalysisProvider<TokenizerFactory>> getTokenizers() {
        return Map.of("kuromoji_tokenizer", (index, environment, name, settings) -> new Kuromoji(index, name, settings));
    }

    @Override
    public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
        Map<String, AnalysisProvider<TokenFilterFactory>> filters = new LinkedHashMap<>();
        filters.put("kuromoji_baseform", simple(JapaneseBaseFormFilter::new));
        filters.put("kuromoji_part_of_speech", (index, environment, name, settings) -> {
            List<String> given = settings.getAsList("stoptags", null);
            Set<String> tags = given == null ? JapaneseAnalyzer.getDefaultStopTags() : new HashSet<>(given);
            return new SimpleFilter(index, name, settings, tokens -> new JapanesePartOfSpeechStopFilter(tokens, tags));
        });
        filters.put("kuromoji_stemmer", simple(JapaneseKatakanaStemFilter::new));
        filters.put("kuromoji_readingform", (index, environment, name, settings) -> {
            boolean romaji = settings.getAsBoolean("use_romaji", false);
            return new SimpleFilter(index, name, settings, tokens -> new JapaneseReadingFormFilter(tokens, romaji));
        });
        filters.put("icu_transform", (index, environment, name, settings) -> new IcuTransform(index, name, settings));
        return filters;
    }

    private static AnalysisProvider<TokenFilterFactory> simple(Function<TokenStream, TokenStream> filter) {
        return (index, environment, name, settings) -> new SimpleFilter(index, name, settings, filter);
    }

    private static final class Kuromoji extends AbstractTokenizerFactory {
        private final JapaneseTokenizer.Mode mode;
        private final boolean discardPunctuation;
        private final boolean discardCompound;

        Kuromoji(IndexSettings index, String name, Settings settings) {
            super(index, settings, name);
            mode = JapaneseTokenizer.Mode.valueOf(settings.get("mode", "search").toUpperCase(Locale.ROOT));
            discardPunctuation = settings.getAsBoolean("discard_punctuation", true);
            discardCompound = settings.getAsBoolean("discard_compound_token", false);
        }

        @Override
        public Tokenizer create() {
            return new JapaneseTokenizer(null, discardPunctuation, discardCompound, mode);
        }
    }

    private static final class SimpleFilter extends AbstractTokenFilterFactory {
        private final Function<TokenStream, TokenStream> filter;

        SimpleFilter(IndexSettings index, String name, Settings settings, Function<TokenStream, TokenStream> filter) {
            super(index, name, settings);
            this.filter = filter;
        }

        @Override
        public TokenStream create(TokenStream tokens) {
            return filter.apply(tokens);
        }
    }

    private static final class IcuTransform extends AbstractTokenFilterFactory implements NormalizingTokenFilterFactory {
        private final Transliterator transliterator;

        IcuTransform(IndexSettings index, String name, Settings settings) {
            super(index, name, settings);
            transliterator = Transliterator.getInstance(settings.get("id", "Null"), Transliterator.FORWARD);
        }

        @Override
        public TokenStream create(TokenStream tokens) {
            return new ICUTransformFilter(tokens, transliterator);
        }
    }

    private static final class IcuNormalizer extends AbstractCharFilterFactory implements NormalizingCharFilterFactory {
        private final Normalizer2 normalizer;

        IcuNormalizer(IndexSettings index, String name, Settings settings) {
            super(index, name);
            String form = settings.get("name", "nfkc_cf");
            boolean decompose = "decompose".equals(settings.get("mode", "compose"));
            normalizer = Normalizer2.getInstance(
                null, form, decompose ? Normalizer2.Mode.DECOMPOSE : Normalizer2.Mode.COMPOSE);
        }

        @Override
        public Reader create(Reader reader) {
            return new ICUNormalizer2CharFilter(reader, normalizer);
        }
    }
}
