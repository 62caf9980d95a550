#include "FolderDoor.h"

#include "Components/DirectionalLightComponent.h"
#include "Components/SceneCaptureComponent2D.h"
#include "Components/SkeletalMeshComponent.h"
#include "Dom/JsonObject.h"
#include "Engine/TextureRenderTarget2D.h"
#include "HAL/FileManager.h"
#include "IImageWrapper.h"
#include "IImageWrapperModule.h"
#include "Misc/CommandLine.h"
#include "Misc/FileHelper.h"
#include "Misc/Paths.h"
#include "Modules/ModuleManager.h"
#include "Serialization/JsonReader.h"
#include "Serialization/JsonSerializer.h"

AFolderDoor::AFolderDoor()
{
	PrimaryActorTick.bCanEverTick = true;
	Lens = CreateDefaultSubobject<USceneCaptureComponent2D>(TEXT("Lens"));
	RootComponent = Lens;
	Lens->bCaptureEveryFrame = false;
	Lens->bCaptureOnMovement = false;
	// Exposure must not follow the picture, and nothing may remember the last one.
	Lens->bAlwaysPersistRenderingState = false;
	Lens->PostProcessSettings.bOverride_AutoExposureMethod = true;
	Lens->PostProcessSettings.AutoExposureMethod = AEM_Manual;
	Lens->FOVAngle = 15.0f;
}

void AFolderDoor::BeginPlay()
{
	Super::BeginPlay();
	FParse::Value(FCommandLine::Get(), TEXT("-jobs="), Folder);
	IFileManager::Get().MakeDirectory(*(Folder / TEXT("jobs")), true);
	IFileManager::Get().MakeDirectory(*(Folder / TEXT("done")), true);
	Mesh = Head->FindComponentByClass<USkeletalMeshComponent>();
	Light = Sun->FindComponentByClass<UDirectionalLightComponent>();
	Lit = Mesh->GetMaterials();
	Upright = Head->GetActorRotation();
	Lamp = Sun->GetActorRotation();
	Strength = Light->Intensity;
	Warmth = Light->GetLightColor();
}

void AFolderDoor::Tick(float DeltaSeconds)
{
	Super::Tick(DeltaSeconds);
	if (!Current)
	{
		Current = Take(CurrentName);
		if (Current)
		{
			Pose(*Current);
			// Morph targets reach the graphics card with the next frames.
			Wait = 2;
		}
		return;
	}
	if (--Wait > 0)
	{
		return;
	}
	const bool bDrawn = Draw(*Current, CurrentName, false) && Draw(*Current, CurrentName, true);
	FFileHelper::SaveStringToFile(bDrawn ? TEXT("") : TEXT("a picture could not be written"),
		*(Folder / TEXT("done") / CurrentName + TEXT(".done")), FFileHelper::EEncodingOptions::ForceUTF8WithoutBOM);
	Current.Reset();
}

TSharedPtr<FJsonObject> AFolderDoor::Take(FString& Name) const
{
	TArray<FString> Found;
	IFileManager::Get().FindFiles(Found, *(Folder / TEXT("jobs/*.json")), true, false);
	for (const FString& Each : Found)
	{
		FString Text;
		TSharedPtr<FJsonObject> Job;
		const FString Path = Folder / TEXT("jobs") / Each;
		if (FFileHelper::LoadFileToString(Text, *Path) && IFileManager::Get().Delete(*Path)
			&& FJsonSerializer::Deserialize(TJsonReaderFactory<>::Create(Text), Job))
		{
			Name = FPaths::GetBaseFilename(Each);
			return Job;
		}
	}
	return nullptr;
}

void AFolderDoor::Pose(const FJsonObject& Job)
{
	// A head that faces the camera (looking along its own x) turns to the viewer's right with negative yaw.
	const FRotator Turn(Job.GetNumberField(TEXT("pitch")), -Job.GetNumberField(TEXT("yaw")), -Job.GetNumberField(TEXT("roll")));
	Head->SetActorRotation((Upright.Quaternion() * Turn.Quaternion()).Rotator());
	Shine(static_cast<int32>(Job.GetNumberField(TEXT("light"))));
	for (const auto& Entry : Job.GetObjectField(TEXT("engine_values"))->Values)
	{
		if (Entry.Value->Type == EJson::String)
		{
			Choose(Entry.Key, Entry.Value->AsString());
		}
		else
		{
			Slide(FName(*Entry.Key), static_cast<float>(Entry.Value->AsNumber()));
		}
	}
}

// HEAD: sliders. Here each is a morph target of the same name; Unreal draws negative weights too.
void AFolderDoor::Slide(const FName& Name, float Value)
{
	Mesh->SetMorphTarget(Name, Value, false);
}

// HEAD: choices. Here an option shows the component NAME_OPTION of the head's actor and hides the other NAME_ ones.
void AFolderDoor::Choose(const FString& Name, const FString& Option)
{
	TArray<UPrimitiveComponent*> Parts;
	Head->GetComponents(Parts);
	for (UPrimitiveComponent* Part : Parts)
	{
		if (Part->GetName().StartsWith(Name + TEXT("_")))
		{
			Part->SetVisibility(Part->GetName() == Name + TEXT("_") + Option);
		}
	}
}

// 0 is the neutral light; any other number always gives the same one.
void AFolderDoor::Shine(int32 Seed)
{
	FRandomStream Random(Seed);
	Sun->SetActorRotation(Seed == 0 ? Lamp : FRotator(Random.FRandRange(-60, 10), Lamp.Yaw + Random.FRandRange(-70, 70), 0));
	Light->SetIntensity(Seed == 0 ? Strength : Strength * Random.FRandRange(0.5f, 1.3f));
	Light->SetLightColor(Seed == 0 ? Warmth : FLinearColor(1, Random.FRandRange(0.8f, 1), Random.FRandRange(0.6f, 1)));
}

void AFolderDoor::Show(bool bLabels)
{
	const TArray<FName> Slots = Mesh->GetMaterialSlotNames();
	for (int32 Index = 0; Index < Lit.Num(); ++Index)
	{
		UMaterialInterface* const* Label = Labels.Find(Slots[Index]);
		Mesh->SetMaterial(Index, bLabels && Label ? *Label : Lit[Index]);
	}
	// The final colours of a picture, in sRGB; of labels the base colours alone, which no light, fog or tone curve touches.
	Lens->CaptureSource = bLabels ? SCS_BaseColor : SCS_FinalColorLDR;
	Lens->ShowFlags.SetAntiAliasing(!bLabels);
}

bool AFolderDoor::Draw(const FJsonObject& Job, const FString& Name, bool bLabels)
{
	const int32 Size = static_cast<int32>(Job.GetNumberField(TEXT("size")));
	Show(bLabels);
	UTextureRenderTarget2D* Target = NewObject<UTextureRenderTarget2D>(this);
	Target->RenderTargetFormat = RTF_RGBA8_SRGB;
	Target->ClearColor = bLabels ? FLinearColor(FColor(64, 64, 72)) : FLinearColor(FColor(128, 128, 128));
	Target->InitAutoFormat(Size, Size);
	Target->UpdateResourceImmediate(true);
	Lens->TextureTarget = Target;
	Lens->CaptureScene();
	TArray<FColor> Pixels;
	if (!Target->GameThread_GetRenderTargetResource()->ReadPixels(Pixels))
	{
		return false;
	}
	for (FColor& Pixel : Pixels)
	{
		Pixel.A = 255;
	}
	IImageWrapperModule& Module = FModuleManager::LoadModuleChecked<IImageWrapperModule>(TEXT("ImageWrapper"));
	const TSharedPtr<IImageWrapper> Png = Module.CreateImageWrapper(EImageFormat::PNG);
	Png->SetRaw(Pixels.GetData(), Pixels.Num() * sizeof(FColor), Size, Size, ERGBFormat::BGRA, 8);
	const TArray64<uint8> File = Png->GetCompressed();
	return FFileHelper::SaveArrayToFile(File, *(Folder / TEXT("done") / Name + (bLabels ? TEXT(".labels.png") : TEXT(".png"))));
}
