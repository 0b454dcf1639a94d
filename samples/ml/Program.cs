using System.Globalization;
using Samples;
using Samples.Ml;

// Samples.Ml prepare DIGITS FOLDER             splits a package of digits into training and test files
// Samples.Ml train FOLDER EPOCHS               trains a small model on them, one file per epoch
// Samples.Ml --dir NETWORK STUDY FOLDER        records FOLDER/train, FOLDER/test and the new files of FOLDER/models
return await SampleNetwork.RunAsync(async () =>
{
    switch (args)
    {
        case ["prepare", var digits, var folder]:
            DigitTraining.Prepare(digits, folder);
            break;
        case ["train", var folder, var epochs]:
            DigitTraining.Train(folder, int.Parse(epochs, CultureInfo.InvariantCulture));
            break;
        default:
            using (SampleNetwork network = SampleNetwork.Open(args, out string[] rest))
            {
                if (rest is not [var study, var studied])
                    throw new SampleFault("name the study, and a folder with models/, train/ and test/");
                if (!Directory.Exists(Path.Combine(studied, "models")))
                    throw new SampleFault($"there is no folder {Path.Combine(studied, "models")}");
                await new ModelRecording(network.Provenance, study, studied).RunAsync();
            }

            break;
    }
});
