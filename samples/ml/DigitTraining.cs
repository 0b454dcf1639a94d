using System.Globalization;
using System.Text.Json;

namespace Samples.Ml;

/// <summary>
/// Trains a small model of handwritten digits (softmax regression on 28 × 28 pixels), one file per epoch. The same data
/// give the same models.
/// </summary>
internal static class DigitTraining
{
    private const int Pixels = 784;
    private const int Digits = 10;
    private const float Rate = 0.05f;

    /// <summary>Splits a package of digits (0.json … 9.json) into training and test files, four to one.</summary>
    public static void Prepare(string digits, string folder)
    {
        foreach (string part in (string[])["train", "test", "models"])
            Directory.CreateDirectory(Path.Combine(folder, part));
        for (int digit = 0; digit < Digits; digit++)
        {
            float[][] images = Read(Path.Combine(digits, $"{digit}.json"));
            int kept = images.Length * 4 / 5;
            Write(Path.Combine(folder, $"train/digit-{digit}.json"), images[..kept]);
            Write(Path.Combine(folder, $"test/digit-{digit}.json"), images[kept..]);
        }
    }

    public static void Train(string folder, int epochs)
    {
        List<(int Digit, float[] Image)> train = Interleave(Path.Combine(folder, "train"));
        List<(int Digit, float[] Image)> test = Interleave(Path.Combine(folder, "test"));
        var weights = new float[Digits * (Pixels + 1)];
        for (int epoch = 1; epoch <= epochs; epoch++)
        {
            foreach ((int digit, float[] image) in train)
                Learn(weights, digit, image);

            int right = test.Count(one => Guess(weights, one.Image) == one.Digit);
            string name = string.Create(CultureInfo.InvariantCulture, $"epoch-{epoch:D2}.f32");
            var bytes = new byte[weights.Length * sizeof(float)];
            Buffer.BlockCopy(weights, 0, bytes, 0, bytes.Length);
            File.WriteAllBytes(Path.Combine(folder, "models", name), bytes);
            Console.WriteLine(FormattableString.Invariant(
                $"{name}: {100.0 * right / test.Count:F1} % of {test.Count} test digits, learnt from {train.Count}"));
        }
    }

    private static void Learn(float[] weights, int digit, float[] image)
    {
        float[] likely = Likelihoods(weights, image);
        for (int d = 0; d < Digits; d++)
        {
            float step = Rate * ((d == digit ? 1 : 0) - likely[d]);
            int row = d * (Pixels + 1);
            for (int pixel = 0; pixel < Pixels; pixel++)
                weights[row + pixel] += step * image[pixel];
            weights[row + Pixels] += step;
        }
    }

    private static int Guess(float[] weights, float[] image)
    {
        float[] likely = Likelihoods(weights, image);
        return Array.IndexOf(likely, likely.Max());
    }

    private static float[] Likelihoods(float[] weights, float[] image)
    {
        var scores = new float[Digits];
        for (int d = 0; d < Digits; d++)
        {
            int row = d * (Pixels + 1);
            float score = weights[row + Pixels];
            for (int pixel = 0; pixel < Pixels; pixel++)
                score += weights[row + pixel] * image[pixel];
            scores[d] = score;
        }

        float highest = scores.Max();
        float[] raised = [.. scores.Select(score => MathF.Exp(score - highest))];
        float sum = raised.Sum();
        return [.. raised.Select(one => one / sum)];
    }

    /// <summary>One of each digit in turn: learning all zeros first would be forgotten again.</summary>
    private static List<(int Digit, float[] Image)> Interleave(string folder)
    {
        var sets = new List<float[][]>();
        for (int digit = 0; digit < Digits; digit++)
        {
            string file = Path.Combine(folder, $"digit-{digit}.json");
            sets.Add(File.Exists(file) ? Read(file) : []);
        }

        List<(int, float[])> all = [];
        for (int i = 0; i < sets.Max(set => set.Length); i++)
        {
            for (int digit = 0; digit < Digits; digit++)
            {
                if (i < sets[digit].Length)
                    all.Add((digit, sets[digit][i]));
            }
        }

        return all;
    }

    /// <summary>The package's form: <c>{"data":[…]}</c>, 784 numbers from 0 to 1 per image.</summary>
    private static float[][] Read(string file)
    {
        try
        {
            using FileStream content = File.OpenRead(file);
            using JsonDocument document = JsonDocument.Parse(content);
            float[] pixels =
                [.. document.RootElement.GetProperty("data").EnumerateArray().Select(pixel => pixel.GetSingle())];
            return pixels.Length % Pixels == 0
                ? [.. pixels.Chunk(Pixels)]
                : throw new SampleFault($"{file} has {pixels.Length} numbers, which are no whole images of {Pixels}");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new SampleFault($"{file} is no file of digits: {e.Message}");
        }
    }

    private static void Write(string file, float[][] images)
    {
        using FileStream content = File.Create(file);
        using var json = new Utf8JsonWriter(content);
        json.WriteStartObject();
        json.WriteStartArray("data");
        foreach (float[] image in images)
        {
            foreach (float pixel in image)
                json.WriteNumberValue(pixel);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
